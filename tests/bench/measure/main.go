// Command measure runs a program and writes down what it used, as the system counted it for the ended process
// and those that it waited for: processor time and the most memory that was resident. The report has two JSON
// lines: the process id as soon as it runs, and the usage at its end. Signals are passed on.
//
// Usage: measure -report FILE [-stdout FILE] -- PROGRAM ARGUMENT…
package main

import (
	"encoding/json"
	"flag"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
)

type started struct {
	Pid int `json:"pid"`
}

type usage struct {
	UserSeconds   float64 `json:"userSeconds"`
	SystemSeconds float64 `json:"systemSeconds"`
	PeakBytes     int64   `json:"peakBytes"`
	ExitCode      int     `json:"exitCode"`
}

func main() {
	log.SetFlags(0)
	reportPath := flag.String("report", "", "where the report goes")
	stdoutPath := flag.String("stdout", "", "where the program's standard output goes; not given: to mine")
	flag.Parse()

	report, err := os.Create(*reportPath)
	check(err)
	command := exec.Command(flag.Arg(0), flag.Args()[1:]...)
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	if *stdoutPath != "" {
		command.Stdout, err = os.OpenFile(*stdoutPath, os.O_WRONLY, 0)
		check(err)
	}

	// Listened to before the program starts, so that none is missed.
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	check(command.Start())
	go func() {
		for s := range signals {
			command.Process.Signal(s)
		}
	}()
	lines := json.NewEncoder(report)
	check(lines.Encode(started{command.Process.Pid}))

	// How it ended is in the state; an error here says no more.
	command.Wait()
	state := command.ProcessState
	resources := state.SysUsage().(*syscall.Rusage)
	check(lines.Encode(usage{
		UserSeconds:   state.UserTime().Seconds(),
		SystemSeconds: state.SystemTime().Seconds(),
		PeakBytes:     resources.Maxrss * 1024, // Linux counts it in KiB
		ExitCode:      state.ExitCode(),
	}))
	check(report.Close())
	os.Exit(max(0, state.ExitCode()))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
