// Command run starts DynamoDB Local and runs the command that follows it, with
// DYNAMODB_ENDPOINT set, so that all test binaries of a run share one engine:
//
//	go run ./test/dynamolocal/run -- go test -tags dynamodb ./...
//
// It ends with the command, and with its exit status. Without a command it
// prints DYNAMODB_ENDPOINT=URL and runs the engine until it is interrupted.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"github.com/latchkey-auth/latchkey/test/dynamolocal"
)

func main() {
	command := os.Args[1:]
	if len(command) > 0 && command[0] == "--" {
		command = command[1:]
	}
	code, err := run(command)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

// run returns the exit status, and what went wrong if the command could not
// tell itself.
func run(command []string) (int, error) {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	endpoint, stop, err := dynamolocal.Start(ctx, os.Stderr)
	if err != nil {
		return 1, err
	}
	defer stop()
	setting := dynamolocal.Variable + "=" + endpoint
	if len(command) == 0 {
		fmt.Println(setting)
		<-ctx.Done()
		return 0, nil
	}
	// An interrupt reaches the command as well, which ends as it sees fit.
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = append(os.Environ(), setting)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err = cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return max(exit.ExitCode(), 1), nil
	}
	if err != nil {
		return 1, err
	}
	return 0, nil
}
