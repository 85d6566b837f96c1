// Command local serves the whole API of template.yaml on this machine, in one
// process. Every request goes through a stand-in for API Gateway to the same
// handlers as in Lambda, as the same JSON events. The template's parameters,
// routes and environment configure it. Lambda's Invoke API is served as well.
//
// It needs nothing but Go: sessions, accounts and keys are kept in memory,
// unless -dynamodb names a DynamoDB. At its start it prints its address, every
// route and how it is protected, and curl lines from sign-up to revocation.
//
//	-addr HOST:PORT         where to listen; port 0 picks one
//	-dynamodb URL           keep everything in that DynamoDB, such as DynamoDB Local
//	-set Parameter=Value    set a parameter of the template; repeatable
//	-signing-key FILE       sign with that private key (PKCS#8 PEM)
//	-template FILE          serve that SAM template
//	-latchkey FILE          Latchkey's own template, if that one attaches its authorizer
//	-invoke LogicalId=URL   a function of that one runs elsewhere; repeatable
//
// A template that imports the authorizer of another stack, such as those in
// examples/attach, is served beside Latchkey's own, over the same stores: each
// of its APIs at http://<logical id in small letters>.localhost and the port.
//
// It is for development: everybody who reaches it may invoke every function.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/latchkey-auth/latchkey/internal/gateway"
	"github.com/latchkey-auth/latchkey/internal/gateway/sigv4"
	"github.com/latchkey-auth/latchkey/internal/template"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, args []string, stdout io.Writer) error {
	o, err := parseOptions(args)
	if errors.Is(err, errHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	stack, attaching, err := readStack(o)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", o.addr)
	if err != nil {
		return fmt.Errorf("-addr: %w", err)
	}
	defer listener.Close()
	url := "http://" + address(listener)
	key := sigv4.Key{ID: "LATCHKEYLOCAL", Secret: rand.Text(), Region: template.Region}
	w := world{
		options: o, stack: stack, url: url, key: key, getenv: os.Getenv, now: time.Now,
		log: slog.New(slog.NewTextHandler(os.Stderr, nil)),
	}
	if err := w.attach(attaching); err != nil {
		return err
	}
	handler, err := assemble(ctx, w)
	if err != nil {
		return err
	}
	jar, remove, err := cookieJar(address(listener))
	if err != nil {
		return err
	}
	defer remove()
	banner{url: url, stack: stack, attached: w.attached, store: o.dynamodb, key: key, jar: jar}.print(stdout)
	return serve(ctx, listener, handler)
}

// address returns what a client on this machine calls the listener's address.
func address(l net.Listener) string {
	host, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return l.Addr().String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

// serve answers requests until ctx ends, and then finishes the requests in
// progress.
func serve(ctx context.Context, l net.Listener, h http.Handler) error {
	server := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		MaxHeaderBytes:    gateway.MaxHeader - 4096, // net/http admits 4096 more
	}
	done := make(chan error, 1)
	go func() {
		<-ctx.Done()
		patience, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		done <- server.Shutdown(patience)
	}()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-done
}

// cookieJar returns the name of the file for curl's cookies at this address, in
// a folder that nobody else can read, and a function that removes the file.
// Curl makes the file, so a run that is killed leaves nothing.
func cookieJar(address string) (name string, remove func(), err error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", nil, fmt.Errorf("folder for the cookies of curl: %w", err)
	}
	dir := filepath.Join(cache, "latchkey", "local")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", nil, fmt.Errorf("folder for the cookies of curl: %w", err)
	}
	name = filepath.Join(dir, strings.ReplaceAll(address, ":", "-")+".cookies")
	remove = func() { os.Remove(name) }
	remove()
	return name, remove, nil
}
