package main

import (
	"math"
	"os"
	"path"
	"runtime"
	"strconv"
	"strings"
)

// spareThreads are left to everything else: the runtime's own threads and the other programs.
const spareThreads = 256

// startThread begins a thread of execution: a goroutine, or one that has a thread of the operating system to itself.
func startThread(platform bool, live func()) {
	go func() {
		if platform {
			runtime.LockOSThread()
		}
		live()
	}()
}

// mostThreads is how many threads of the operating system a process may start here, and the limit that says so. root is empty, but for
// tests. Where a limit cannot be read there is none.
func mostThreads(root string) (most uint64, by string) {
	most, by = math.MaxUint64, "nothing"
	tighten := func(limit, used uint64, name string) {
		if limit -= min(limit, used+spareThreads); limit < most {
			most, by = limit, name
		}
	}
	for _, name := range []string{"threads-max", "pid_max"} {
		if limit, ok := readNumber(root + "/proc/sys/kernel/" + name); ok {
			tighten(limit, threadsInUse(root), "kernel."+name)
		}
	}
	// Other runtimes map each stack by itself and are held to vm.max_map_count too; Go's are parts of its heap.
	for _, folder := range threadGroups(root) {
		if limit, ok := readNumber(folder + "/pids.max"); ok {
			used, _ := readNumber(folder + "/pids.current")
			tighten(limit, used, "pids.max of the control group")
		}
	}
	return most, by
}

// threadsInUse is how many there are on the whole machine: the fourth field of loadavg is running/all.
func threadsInUse(root string) uint64 {
	text, _ := os.ReadFile(root + "/proc/loadavg")
	fields := strings.Fields(string(text))
	if len(fields) < 4 {
		return 0
	}
	_, all, _ := strings.Cut(fields[3], "/")
	n, _ := strconv.ParseUint(all, 10, 64)
	return n
}

// threadGroups are the folders of the control groups that count this process's threads, the innermost first.
func threadGroups(root string) (folders []string) {
	text, _ := os.ReadFile(root + "/proc/self/cgroup")
	for line := range strings.Lines(string(text)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3) // id:controllers:path, version 2 has no controllers
		if len(parts) < 3 {
			continue
		}
		top := root + "/sys/fs/cgroup"
		if parts[1] != "" {
			if !strings.Contains(","+parts[1]+",", ",pids,") {
				continue
			}
			top += "/pids"
		}
		for at := path.Clean("/" + parts[2]); ; at = path.Dir(at) {
			folders = append(folders, path.Join(top, at))
			if at == "/" {
				break
			}
		}
	}
	return folders
}

// readNumber reads a file that holds one; "max" is none.
func readNumber(file string) (uint64, bool) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64)
	return n, err == nil
}
