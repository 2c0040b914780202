// Who hears SIGTERM, and who buries the orphans: shown with real processes.
//
// Linux only. Process 1 of a container ignores signals it has no handler for;
// the shells here stand in for it by ignoring SIGTERM.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	grace               = time.Second // docker stop waits 10 s
	prSetChildSubreaper = 36
	// Three helpers whose parent ends at once; then wait for the end of input.
	leavesOrphans = `
( (read x <&3) & (read x <&3) & (read x <&3) & )
echo ready
read line || exit 0
`
)

// service says when it is ready, waits for SIGTERM, finishes, leaves.
func service() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM)
	fmt.Println("ready")
	<-signals
	fmt.Println("drained")
}

// --8<-- [start:show]

// initProcess is a process 1: it passes SIGTERM on, buries children and leaves
// with the main one.
func initProcess(command []string, buriesAll bool) (int, error) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM) // kept until there is a main process
	attributes := &syscall.ProcAttr{Env: os.Environ(), Files: []uintptr{0, 1, 2}}
	main, err := syscall.ForkExec(command[0], command, attributes)
	if err != nil {
		return 0, err
	}
	go func() {
		for each := range signals {
			err := syscall.Kill(main, each.(syscall.Signal))
			if err != nil && !errors.Is(err, syscall.ESRCH) { // it has just ended
				log.Print(err)
			}
		}
	}()
	waitFor := main
	if buriesAll {
		waitFor = -1 // any child, adopted ones too
	}
	for {
		var ended syscall.WaitStatus
		child, err := syscall.Wait4(waitFor, &ended, 0, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
		case err != nil:
			return 0, err
		case child == main:
			return exitStatus(ended), nil
		}
	}
}

func exitStatus(ended syscall.WaitStatus) int {
	if ended.Signaled() {
		return 128 + int(ended.Signal())
	}
	return ended.ExitStatus()
}

// --8<-- [end:show]

// stop does what docker stop does: SIGTERM, a grace period, SIGKILL for all.
func stop(command []string) (heard string, status int, err error) {
	process := exec.Command(command[0], command[1:]...)
	process.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	pipe, err := process.StdoutPipe()
	if err != nil {
		return "", 0, err
	}
	if err := process.Start(); err != nil {
		return "", 0, err
	}
	output := bufio.NewReader(pipe)
	if _, err := output.ReadString('\n'); err != nil { // "ready"
		return "", 0, err
	}
	if err := process.Process.Signal(syscall.SIGTERM); err != nil {
		return "", 0, err
	}
	killer := time.AfterFunc(grace, func() {
		if err := syscall.Kill(-process.Process.Pid, syscall.SIGKILL); err != nil {
			log.Print(err)
		}
	})
	rest, err := io.ReadAll(output) // until the last writer has ended
	if err != nil {
		return "", 0, err
	}
	killer.Stop()
	var failed *exec.ExitError
	if err := process.Wait(); err != nil && !errors.As(err, &failed) {
		return "", 0, err
	}
	heard = strings.TrimSpace(string(rest))
	return heard, exitStatus(process.ProcessState.Sys().(syscall.WaitStatus)), nil
}

func main() {
	log.SetFlags(0)
	switch {
	case len(os.Args) == 2 && os.Args[1] == "service":
		service()
	case len(os.Args) > 3 && os.Args[1] == "init":
		// Adopt orphans, as process 1 does.
		_, _, number := syscall.RawSyscall(syscall.SYS_PRCTL, prSetChildSubreaper, 1, 0)
		if number != 0 {
			log.Fatal(number)
		}
		status, err := initProcess(os.Args[3:], os.Args[2] == "all")
		if err != nil {
			log.Fatal(err)
		}
		os.Exit(status)
	default:
		if err := show(); err != nil {
			log.Fatal(err)
		}
	}
}

func show() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	run := []string{self, "service"}
	shell := func(script string) []string {
		return append([]string{"sh", "-c", script, "sh"}, run...)
	}
	starts := []struct {
		name    string
		command []string
	}{
		{"exec form: service", run},
		{"shell form: sh, service", shell(`trap "" TERM; "$@"; exit $?`)},
		{"script with exec", shell(`trap "" TERM; exec "$@"`)},
		{"init, service", append([]string{self, "init", "all"}, run...)},
	}
	fmt.Printf("%-27s%-16s%s\n", "started as", "the service", "exit status")
	for _, each := range starts {
		heard, status, err := stop(each.command)
		if err != nil {
			return err
		}
		if heard == "" {
			heard = "heard nothing"
		}
		fmt.Printf("%-27s%-16s%d\n", each.name, heard, status)
	}

	fmt.Printf("\n%-27s%-16s%s\n", "process 1 waits for", "zombies left", "exit status")
	for _, each := range []struct{ name, waits string }{
		{"its own child only", "own"},
		{"any child", "all"},
	} {
		zombies, status, err := leaveOrphans(self, each.waits)
		if err != nil {
			return err
		}
		fmt.Printf("%-27s%-16d%d\n", each.name, zombies, status)
	}
	return nil
}

// leaveOrphans gives an init three orphans that end, and counts those that
// nobody buried.
func leaveOrphans(self, waits string) (zombies, status int, err error) {
	reader, writer, err := os.Pipe()
	if err != nil {
		return 0, 0, err
	}
	process := exec.Command(self, "init", waits, "/bin/sh", "-c", leavesOrphans)
	process.ExtraFiles = []*os.File{reader} // descriptor 3
	stdin, err := process.StdinPipe()
	if err != nil {
		return 0, 0, err
	}
	stdout, err := process.StdoutPipe()
	if err != nil {
		return 0, 0, err
	}
	if err := process.Start(); err != nil {
		return 0, 0, err
	}
	// "ready": the orphans belong to the init.
	if _, err := bufio.NewReader(stdout).ReadString('\n'); err != nil {
		return 0, 0, err
	}
	// They see the end of the pipe and exit.
	if err := errors.Join(reader.Close(), writer.Close()); err != nil {
		return 0, 0, err
	}
	zombies, err = countZombies(process.Process.Pid)
	if err != nil {
		return 0, 0, err
	}
	// The main process leaves, too.
	if err := stdin.Close(); err != nil {
		return 0, 0, err
	}
	if err := process.Wait(); err != nil {
		return 0, 0, err
	}
	return zombies, process.ProcessState.ExitCode(), nil
}

// countZombies waits until only the main process lives, then a little for a
// burial.
func countZombies(parent int) (int, error) {
	until := time.Now().Add(5 * time.Second)
	for {
		living, _ := children(parent)
		if living == 1 {
			break
		}
		if time.Now().After(until) {
			return 0, errors.New("the orphans did not end")
		}
		time.Sleep(10 * time.Millisecond)
	}
	until = time.Now().Add(300 * time.Millisecond)
	for {
		_, zombies := children(parent)
		if zombies == 0 || time.Now().After(until) {
			return zombies, nil
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// children counts the living and the dead children of a process.
func children(parent int) (living, zombies int) {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat") // fails for a bad pattern only
	for _, each := range stats {
		text, err := os.ReadFile(each)
		if err != nil {
			continue // it is gone
		}
		_, rest, _ := strings.Cut(string(text), ") ")
		fields := strings.Fields(rest) // state, parent, ...
		switch {
		case fields[1] != strconv.Itoa(parent):
		case fields[0] == "Z":
			zombies++
		default:
			living++
		}
	}
	return living, zombies
}
