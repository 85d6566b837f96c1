// Command import adds users from other software. It reads one JSON object a
// line, with the members of POST /admin/users, and adds each through the admin
// API:
//
//	{"userId":"42","email":"ada@example.com","passwordHash":"$2b$11$…","verified":true,"timeJoined":1700000000000}
//
// Users who are already there from the same line stay as they are, so a stopped
// import can be run again from its beginning. It slows down when the API is
// throttled or does not answer. Progress goes to standard error. Refused lines
// go to the report, each with its number and the reason.
//
//	go run ./cmd/import -api URL [FILE]
//
//	-api URL       where the API is: output ApiUrl of the stack
//	-tenant NAME   of lines that name none (public)
//	-rate N        users a second at most (50)
//	-parallel N    requests at once at most (8)
//	-report FILE   of refused lines (import-refused.jsonl)
//
// Without FILE it reads standard input. Credentials and Region are found as the
// AWS CLI finds them, and they need the power of UsersPolicy. The exit status
// is 0 if every user is there, 1 if lines were refused, and 2 if the import was
// stopped.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/latchkey-auth/latchkey/backend"
)

// The exit statuses.
const (
	allThere = iota
	someRefused
	stopped
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	status := run(ctx, os.Args[1:], os.Stdin, os.Stderr)
	stop()
	os.Exit(status)
}

// options are those of the command line.
type options struct {
	api, tenant, report string
	rate, parallel      int
	file                string // "" is standard input
}

func parse(args []string, stderr io.Writer) (o options, err error) {
	flags := flag.NewFlagSet("import", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.api, "api", "", "`URL` of the API")
	flags.StringVar(&o.tenant, "tenant", "", "tenant of lines that name none")
	flags.StringVar(&o.report, "report", "import-refused.jsonl", "`FILE` for lines that are refused")
	flags.IntVar(&o.rate, "rate", 50, "users a second at most")
	flags.IntVar(&o.parallel, "parallel", 8, "requests at once at most")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	o.file = flags.Arg(0)
	if o.api == "" || flags.NArg() > 1 || o.rate < 1 || o.rate > 1000 || o.parallel < 1 || o.parallel > 100 {
		return o, errors.New("want -api URL and one file at most, -rate from 1 to 1000, -parallel from 1 to 100")
	}
	return o, nil
}

// run runs the import and returns the exit status.
func run(ctx context.Context, args []string, stdin io.Reader, stderr io.Writer) int {
	o, err := parse(args, stderr)
	var refused int
	if err == nil {
		refused, err = o.run(ctx, stdin, stderr)
	}
	switch {
	case err != nil:
		fmt.Fprintln(stderr, "import:", err)
		return stopped
	case refused > 0:
		fmt.Fprintf(stderr, "%d lines were refused: see %s\n", refused, o.report)
		return someRefused
	}
	return allThere
}

func (o options) run(ctx context.Context, stdin io.Reader, stderr io.Writer) (refused int, err error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return 0, err
	}
	client, err := backend.New(backend.Config{URL: o.api, Region: cfg.Region, Credentials: cfg.Credentials})
	if err != nil {
		return 0, err
	}
	in, size := stdin, int64(0)
	if o.file != "" {
		file, err := os.Open(o.file)
		if err != nil {
			return 0, err
		}
		defer file.Close()
		if info, err := file.Stat(); err == nil {
			size = info.Size()
		}
		in = file
	}
	report, err := createReport(o.report, in)
	if err != nil {
		return 0, err
	}
	i := &importer{
		add: client.AddUser, tenant: o.tenant, rate: o.rate, parallel: o.parallel, report: report,
		progress: progress{size: size, to: stderr},
	}
	err = i.run(ctx, in)
	return i.refused, errors.Join(err, report.Close())
}

// createReport creates the report unless it is the file with the users.
func createReport(name string, in io.Reader) (*os.File, error) {
	if users, isFile := in.(*os.File); isFile {
		read, err := users.Stat()
		if err != nil {
			return nil, err
		}
		if there, err := os.Stat(name); err == nil && os.SameFile(read, there) {
			return nil, errors.New("-report names the file that the users are read from")
		}
	}
	return os.Create(name)
}
