package main

import (
	"os"
	"path/filepath"
	"testing"
)

// machine makes a folder with these files in place of /proc and /sys.
func machine(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// The ports in other languages test the same machines.
func TestTheTightestLimitOnThreadsIsFound(t *testing.T) {
	with := func(more ...string) map[string]string {
		files := map[string]string{
			"proc/loadavg":                "0.10 0.20 0.30 2/300 4321",
			"proc/sys/kernel/threads-max": "20000",
			"proc/sys/kernel/pid_max":     "4194304",
		}
		for i := 0; i < len(more); i += 2 {
			files[more[i]] = more[i+1]
		}
		return files
	}
	for _, c := range []struct {
		files map[string]string
		most  uint64
		by    string
	}{
		{with(), 20000 - 300 - 256, "kernel.threads-max"},
		{with("proc/sys/kernel/pid_max", "8000"), 8000 - 300 - 256, "kernel.pid_max"},
		{with("proc/self/cgroup", "0::/a/b", "sys/fs/cgroup/a/b/pids.max", "max", "sys/fs/cgroup/a/pids.max", "1000",
			"sys/fs/cgroup/a/pids.current", "40"), 1000 - 40 - 256, "pids.max of the control group"},
		{with("proc/self/cgroup", "8:pids:/a\n4:memory:/b", "sys/fs/cgroup/pids/a/pids.max", "2000",
			"sys/fs/cgroup/b/pids.max", "5"), 2000 - 256, "pids.max of the control group"},
		{with("proc/sys/kernel/threads-max", "100"), 0, "kernel.threads-max"},
	} {
		if most, by := mostThreads(machine(t, c.files)); most != c.most || by != c.by {
			t.Errorf("%v: %d by %s, want %d by %s", c.files, most, by, c.most, c.by)
		}
	}
}

func TestHereSomeThreadsFit(t *testing.T) {
	if most, by := mostThreads(""); most < 100 {
		t.Errorf("%d threads by %s", most, by)
	}
}
