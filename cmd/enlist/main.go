// Command enlist adds users to the list of GET /admin/users if an older version
// of Latchkey, which had no list, wrote them. Run it once after the update of
// the stack, with permission to scan and update the accounts table. No function
// has either permission. Users can sign up and in meanwhile. If it stops, run
// it again.
//
//	-table NAME   the accounts table: output AccountsTableName of the stack
//	-rate N       requests a second (50)
//
// Credentials and Region are found as the AWS CLI finds them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/latchkey-auth/latchkey/internal/accounts"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "enlist:", err)
		os.Exit(1)
	}
}

// maxRate is the highest rate allowed: one shard of the list takes a thousand
// writes a second.
const maxRate = 1000

func run(ctx context.Context, args []string, stderr io.Writer) error {
	flags := flag.NewFlagSet("enlist", flag.ContinueOnError)
	flags.SetOutput(stderr)
	name := flags.String("table", "", "the accounts table")
	rate := flags.Int("rate", 50, "requests a second")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *name == "" || flags.NArg() > 0 || *rate < 1 || *rate > maxRate {
		return errors.New("want -table NAME, and -rate from 1 to 1000")
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return err
	}
	pace := time.NewTicker(time.Second / time.Duration(*rate))
	defer pace.Stop()
	wait := func(ctx context.Context) error {
		select {
		case <-pace.C:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return accounts.Enlist(ctx, dynamodb.NewFromConfig(cfg), *name, wait, func(users int) {
		fmt.Fprintf(stderr, "%d users enlisted\n", users)
	})
}
