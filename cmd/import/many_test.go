//go:build dynamodb

package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/latchkey-auth/latchkey/backend"
	"github.com/latchkey-auth/latchkey/internal/template"
	"github.com/latchkey-auth/latchkey/test/client"
	"github.com/latchkey-auth/latchkey/test/dynamolocal"
	"github.com/latchkey-auth/latchkey/test/localrun"
	"github.com/latchkey-auth/latchkey/test/proof"
)

// TestManyUsers imports users into DynamoDB and lists them page by page, each
// once. The suite of the stores has what moves meanwhile.
func TestManyUsers(t *testing.T) {
	many := proof.Scale(400, 100_000)
	tenant := fmt.Sprintf("t%d", time.Now().UnixNano()) // of a DynamoDB that others use too
	p := localrun.Launch(t, localrun.Build(t), "-dynamodb", dynamolocal.Endpoint(t), "-set", "Tenants=public,"+tenant)
	t.Setenv("AWS_ACCESS_KEY_ID", p.Key.AccessKeyID)
	t.Setenv("AWS_SECRET_ACCESS_KEY", p.Key.SecretAccessKey)
	t.Setenv("AWS_REGION", template.Region)
	dir := t.TempDir()
	file := writeUsers(t, dir, many)
	args := []string{"-api", p.URL, "-tenant", tenant, "-rate", "1000", "-parallel", "4", "-report", filepath.Join(dir, "refused"), file}
	began := time.Now()
	if status := run(t.Context(), args, nil, t.Output()); status != allThere {
		t.Fatalf("status %d, want every user there", status)
	}
	rate := float64(many) / time.Since(began).Seconds()
	proof.Report(t, "imported users", many)
	proof.Report(t, "users a second", fmt.Sprintf("%.0f", rate))

	c, err := backend.New(backend.Config{URL: p.URL, Region: template.Region, Credentials: credentials(p.Key)})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for cursor, next := "", "first"; next != ""; cursor = next {
		var page []backend.Listed
		if page, next, err = c.Users(t.Context(), tenant, cursor, 37); err != nil {
			t.Fatal(err)
		}
		for _, u := range page {
			seen[u.ID]++
		}
	}
	for n := range many {
		if times := seen[fmt.Sprintf("u%d", n)]; times != 1 {
			t.Errorf("u%d is listed %d times", n, times)
		}
	}
	form := client.Form(fmt.Sprintf("u%d@example.com", many/2), words)
	p.Client(t).Post("/auth/"+tenant+"/signin", form).Want(200).Saying(`"OK"`)
}

// writeUsers writes that many lines. Many of the users joined at the same
// moment.
func writeUsers(t *testing.T, dir string, many int) (name string) {
	t.Helper()
	name = filepath.Join(dir, "users.jsonl")
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(file)
	for n := range many {
		fmt.Fprintf(w, `{"userId":"u%d","email":"u%d@example.com","passwordHash":%q,"timeJoined":%d}`+"\n", n, n, hash, 1_600_000_000_000+n%97)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return name
}

func credentials(key aws.Credentials) aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return key, nil })
}
