package main

import (
	"math"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"testing"
	"time"
)

var tenth = law{target: 0.1, lowest: 25, highest: 800, limit: 1 << 40}

// plant is the share of a load that would be on target at the GOGC even.
func plant(even, gogc float64) float64 { return min(1, tenth.target*even/gogc) }

func TestTheLawSettlesOnALoadWithinItsBoundsAndNeverOvershoots(t *testing.T) {
	for _, even := range []float64{30, 100, 300, 700} {
		for _, gogc := range []float64{25, 100, 800} {
			apart := math.Abs(math.Log(gogc / even))
			for range 20 {
				side := gogc < even
				gogc = tenth.step(gogc, reading{share: plant(even, gogc)})
				if now := math.Abs(math.Log(gogc / even)); now > apart || (now > 1e-9 && side != (gogc < even)) {
					t.Fatalf("towards %.0f: at %.1f, further away or beyond", even, gogc)
				} else {
					apart = now
				}
			}
			if settled := tenth.step(gogc, reading{share: plant(even, gogc)}); settled != gogc {
				t.Errorf("towards %.0f: still moving from %.1f to %.1f", even, gogc, settled)
			}
			if off := math.Abs(plant(even, gogc)/tenth.target - 1); off > lawDeadBand+1e-9 {
				t.Errorf("towards %.0f: settled at %.1f, %.2f off the target", even, gogc, off)
			}
		}
	}
}

func TestTheLawMovesInTheRightDirectionByTwoAtMostAndWithinItsBounds(t *testing.T) {
	random := split(42, 0)
	for range 10_000 {
		gogc := 25 + float64(random.below(775_001))/1000
		share := math.Pow(10, float64(random.below(9))-6) // 1e-6 to 100
		next := tenth.step(gogc, reading{share: share})
		if share > tenth.target*1.1 && next < gogc || share < tenth.target*0.9 && next > gogc {
			t.Fatalf("a share of %g moves GOGC from %g to %g", share, gogc, next)
		}
		if next < 25 || next > 800 || next/gogc > 2.0001 || next/gogc < 0.4999 {
			t.Fatalf("a share of %g moves GOGC from %g to %g: too far", share, gogc, next)
		}
	}
	if got := tenth.step(100, reading{share: 0}); got != 50 {
		t.Errorf("no collecting at all moves GOGC from 100 to %g", got)
	}
}

func TestTheLawLeavesABoundAtOnceHoweverLongItWasThere(t *testing.T) {
	gogc := 100.0
	for range 1000 {
		gogc = tenth.step(gogc, reading{share: 0.9})
	}
	if next := tenth.step(gogc, reading{share: 0.05}); gogc != 800 || next >= 800 {
		t.Errorf("from %g to %g", gogc, next)
	}
	for range 1000 {
		gogc = tenth.step(gogc, reading{share: 0.001})
	}
	if next := tenth.step(gogc, reading{share: 0.2}); gogc != 25 || next <= 25 {
		t.Errorf("from %g to %g", gogc, next)
	}
}

func TestGOGCIsNotRaisedWhereTheLimitDecides(t *testing.T) {
	if next := tenth.step(100, reading{share: 0.9, limited: true}); next != 100 {
		t.Errorf("raised to %g", next)
	}
	if next := tenth.step(100, reading{share: 0.025, limited: true}); next != 50 {
		t.Errorf("lowered to %g, not 50", next)
	}
}

func TestWaitingForACycleLowersGOGCToTheHeapThatThereIsAndNoFurther(t *testing.T) {
	for _, c := range []struct{ share, reached, want float64 }{
		{0.9, 20, 100},    // the last cycle was dear, and long ago it is not
		{0.025, 20, 50},   // a step
		{0.025, 70, 70},   // a cycle begins at 70
		{0.025, 150, 100}, // it has begun
	} {
		if next := tenth.step(100, reading{share: c.share, waiting: true, reached: c.reached}); next != c.want {
			t.Errorf("%+v: GOGC is %g", c, next)
		}
	}
}

// inForce is the GOGC that the runtime goes by.
func inForce() uint64 {
	samples := []metrics.Sample{{Name: gogcPercent}}
	metrics.Read(samples)
	return samples[0].Value.Uint64()
}

func TestTheTunerSetsWhatTheRuntimeGoesBy(t *testing.T) {
	percent, limit := debug.SetGCPercent(100), debug.SetMemoryLimit(-1)
	t.Cleanup(func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	})
	for _, c := range []struct {
		target float64
		want   uint64
	}{{1e-9, 800}, {0.999, 25}} {
		runner := newTuner(law{target: c.target, lowest: 25, highest: 800, limit: 1 << 40})
		for range 20 {
			time.Sleep(5 * time.Millisecond) // a time without collecting
			runtime.GC()
			runner.look()
		}
		if got := inForce(); got != c.want {
			t.Errorf("a target of %g ends at GOGC=%d, not %d", c.target, got, c.want)
		}
		if got := debug.SetMemoryLimit(-1); got != 1<<40 {
			t.Errorf("the limit is %d", got)
		}
	}
	// What another part of the program put in force is mended.
	held := newTuner(law{target: 0.5, lowest: 60, highest: 60, limit: 1 << 40})
	debug.SetGCPercent(300)
	runtime.GC()
	if held.look(); inForce() != 60 {
		t.Errorf("held at 60, and GOGC=%d", inForce())
	}
}

func TestTheTunerIsOffUnlessTheEnvironmentAsksForItAndNamesWhatIsWrong(t *testing.T) {
	of := func(target, gogc, limit string) func(string) string {
		values := map[string]string{tunerTarget: target, tunerGOGC: gogc, tunerLimit: limit}
		return func(name string) string { return values[name] }
	}
	if law, err := lawFrom(of("", "25-800", "1048576")); law != nil || err != nil {
		t.Errorf("off: %v, %v", law, err)
	}
	if got, err := lawFrom(of("100", "25-800", "1048576")); err != nil || *got != (law{0.1, 25, 800, 1 << 20}) {
		t.Errorf("on: %v, %v", got, err)
	}
	for _, c := range []struct{ target, gogc, limit, name string }{
		{"0", "25-800", "1048576", tunerTarget},
		{"1000", "25-800", "1048576", tunerTarget},
		{"ten", "25-800", "1048576", tunerTarget},
		{"100", "", "1048576", tunerGOGC},
		{"100", "100", "1048576", tunerGOGC},
		{"100", "800-25", "1048576", tunerGOGC},
		{"100", "0-800", "1048576", tunerGOGC},
		{"100", "25-800", "", tunerLimit},
		{"100", "25-800", "96MiB", tunerLimit},
	} {
		if _, err := lawFrom(of(c.target, c.gogc, c.limit)); err == nil || !strings.HasPrefix(err.Error(), c.name+": ") {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// As a process, since only a process has an environment of its own. The test's binary stands in for the runner.
func TestARunnerWithAWrongTunerDoesNothing(t *testing.T) {
	if os.Getenv("GCRUCIBLE_TEST_AS_RUNNER") != "" {
		main()
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for limit, want := range map[string]int{"none": exitRequest, "1073741824": exitDone} {
		runner := exec.Command(self, "-test.run=^TestARunnerWithAWrongTunerDoesNothing$")
		runner.Env = append(os.Environ(), "GCRUCIBLE_TEST_AS_RUNNER=1", tunerTarget+"=100", tunerGOGC+"=25-800", tunerLimit+"="+limit)
		runner.Stdin = strings.NewReader(requestFor("phases", "threads=1"))
		var stdout, stderr strings.Builder
		runner.Stdout, runner.Stderr = &stdout, &stderr
		_ = runner.Run() // its exit status is looked at
		if got := runner.ProcessState.ExitCode(); got != want {
			t.Errorf("limit %s: exit %d, not %d: %s", limit, got, want, stderr.String())
		}
		if want == exitRequest && (stdout.Len() > 0 || !strings.Contains(stderr.String(), tunerLimit)) {
			t.Errorf("limit %s: stdout %q, stderr %q", limit, stdout.String(), stderr.String())
		}
	}
}
