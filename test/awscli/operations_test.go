//go:build awscli

package awscli_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/test/runbook"
)

// TestOperations runs the commands of docs/operations.md as they stand there,
// part by part and in the order of the document, but for the parts that
// make test-deploy runs, and those of commands of this repository, which run
// them in their own tests.
func TestOperations(t *testing.T) {
	l := startLocal(t)
	o := operator{local: l, cloud: startCloud(t, l), fill: map[string]string{
		"TIME":    time.Now().Add(-time.Minute).UTC().Format(time.RFC3339),
		"USER":    l.User,
		"HANDLE":  l.Handle,
		"VERSION": "1",
		"DOMAIN":  "example.com",
	}}
	o.makeStack(t)
	parts, err := runbook.Read(filepath.Join(root, "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	prelude := strings.Join(parts[0].Code("sh"), "")
	tests := map[string]func(*testing.T, operator, string){
		"Take a version back":      testTakeBack,
		"Rotate keys":              testRotateKeys,
		"A signing key has leaked": testLeakedKey,

		"A key of refresh tokens has leaked": testLeakedMACKey,

		"End sessions":          testEndSessions,
		"Restore a table":       testRestore,
		"Mails":                 testMails,
		"What each alarm means": testAlarms,
		"Read the dashboard":    testDashboard,
		"Quotas worth raising":  testQuotas,
	}
	elsewhere := []string{"Change a parameter", "Remove the stack", "Bring users along", "List users of older versions"}
	for _, p := range parts[1:] {
		test, found := tests[p.Title]
		switch {
		case found != (p.Code("sh") != nil && !slices.Contains(elsewhere, p.Title)):
			t.Errorf("docs/operations.md, %q: commands without a test, or a test without commands", p.Title)
		case found:
			t.Run(p.Title, func(t *testing.T) { test(t, o, o.run(t, prelude+strings.Join(p.Code("sh"), ""))) })
			delete(tests, p.Title)
		}
	}
	for title := range tests {
		t.Errorf("docs/operations.md has no part %q any more", title)
	}
}

// operator is somebody who follows the document.
type operator struct {
	local *local
	cloud *cloud
	fill  map[string]string // for what stands in capitals
}

// run runs commands in a shell, and returns what they print.
func (o operator) run(t *testing.T, commands string) string {
	t.Helper()
	for capitals, value := range o.fill {
		commands = regexp.MustCompile(`\b`+capitals+`\b`).ReplaceAllLiteralString(commands, value)
	}
	shell := exec.CommandContext(t.Context(), "sh", "-e", "-c", commands)
	shell.Env = []string{
		"PATH=" + filepath.Dir(os.Getenv("AWSCLI")) + ":" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "AWS_EC2_METADATA_DISABLED=true",
		"AWS_REGION=" + region, "AWS_DEFAULT_REGION=" + region, "AWS_ENDPOINT_URL=" + o.cloud.url,
		"AWS_ACCESS_KEY_ID=" + o.local.Key.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + o.local.Key.SecretAccessKey,
	}
	var faults strings.Builder
	shell.Stderr = &faults
	out, err := shell.Output()
	if err != nil {
		t.Fatalf("%v after printing %s\n%s\nof\n%s", err, out, faults.String(), commands)
	}
	if strings.Contains(string(out), "FunctionError") {
		t.Fatalf("a command failed: %s", out)
	}
	return string(out)
}

// told is what keys answers.
type told struct {
	NotBefore   time.Time
	SigningKeys []struct {
		KID     string
		Revoked bool
	}
	MACKeys []struct {
		ID      string
		Revoked bool
	}
}

// answers reads the answers of keys among what was printed.
func answers(t *testing.T, printed string) []told {
	t.Helper()
	var all []told
	for decoder := json.NewDecoder(strings.NewReader(printed)); decoder.More(); {
		var a told
		if err := decoder.Decode(&a); err != nil {
			break // what another command printed
		}
		if len(a.SigningKeys) > 0 {
			all = append(all, a)
		}
	}
	if len(all) == 0 {
		t.Fatalf("no answer with keys in %s", printed)
	}
	return all
}

func testTakeBack(t *testing.T, o operator, printed string) {
	for _, want := range []string{
		`ListDeployments {"applicationName":"ServerlessDeploymentApplication","deploymentGroupName":"AuthorizerFunctionDeploymentGroup","includeOnlyStatuses":["InProgress"]}`,
		`StopDeployment {"deploymentId":"d-UNDERWAY","autoRollbackEnabled":true}`,
	} {
		if !strings.Contains(o.cloud.heard(), want) {
			t.Errorf("CodeDeploy was told %s, want %s", o.cloud.heard(), want)
		}
	}
	if !regexp.MustCompile(`(?m)^1\t.*\n2\t`).MatchString(printed) {
		t.Errorf("list-versions-by-function printed %s, want versions 1 and 2", printed)
	}
	if got := o.run(t, "aws lambda list-aliases --function-name AuthorizerFunction --query Aliases[].FunctionVersion --output text"); got != "1\t1\t1\n" {
		t.Errorf("the aliases are at versions %q, want 1 each", got)
	}
}

func testRotateKeys(t *testing.T, o operator, printed string) {
	a := answers(t, printed)
	if len(a) != 2 || len(a[0].SigningKeys) < 2 || len(a[1].MACKeys) != len(a[0].MACKeys)+1 {
		t.Errorf("rotate and rotate-mac answered %+v, want the next signing key, and then one more MAC key", a)
	}
	// The first key is in use for ten minutes more, so the new one can go.
	o.fill["KID"], o.fill["KEY"] = a[0].SigningKeys[0].KID, a[1].MACKeys[len(a[1].MACKeys)-1].ID
}

func testLeakedKey(t *testing.T, o operator, printed string) {
	a := answers(t, printed)[0].SigningKeys
	if a[0].KID != o.fill["KID"] || !a[0].Revoked || a[len(a)-1].Revoked {
		t.Errorf("revoke-signing-key answered %+v, want the first revoked and the last not", a)
	}
}

func testLeakedMACKey(t *testing.T, o operator, printed string) {
	for _, k := range answers(t, printed)[1].MACKeys {
		if k.Revoked != (k.ID == o.fill["KEY"]) {
			t.Errorf("revoke-mac answered %+v, want %s revoked and no other", k, o.fill["KEY"])
		}
	}
}

func testEndSessions(t *testing.T, o operator, printed string) {
	if at := answers(t, printed)[0].NotBefore; time.Since(at).Abs() > time.Hour {
		t.Errorf("end-all-sessions answered notBefore %v, want now", at)
	}
	if want := `{"status":"OK"}`; !strings.Contains(printed, want) {
		t.Errorf("DELETE of the user's sessions printed %s, want %s in it", printed, want)
	}
}

// What the restored table is like must be what the stack's was, and what it
// holds, too.
func testRestore(t *testing.T, o operator, printed string) {
	if !strings.Contains(printed, "AVAILABLE\n") {
		t.Errorf("describe-backup did not print AVAILABLE: %s", printed)
	}
	for command, want := range map[string]string{
		"describe-table --table-name AccountsTable --query Table.DeletionProtectionEnabled":                                                                    "true",
		"describe-time-to-live --table-name AccountsTable --query TimeToLiveDescription.AttributeName":                                                         `"expires"`,
		"describe-continuous-backups --table-name AccountsTable --query ContinuousBackupsDescription.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus": `"ENABLED"`,
		"scan --table-name AccountsTable --query Count":                                                                                                        "1",
		"list-tables --query 'length(TableNames)'":                                                                                                             "2",
	} {
		if got := strings.TrimSpace(o.run(t, "aws dynamodb "+command)); got != want {
			t.Errorf("aws dynamodb %s = %s, want %s", command, got, want)
		}
	}
}

// testMails wants the domain known, and whether it may be sent from.
func testMails(t *testing.T, _ operator, printed string) {
	if !strings.Contains(printed, `"IdentityType": "DOMAIN"`) || !strings.HasSuffix(printed, "\nfalse\n") {
		t.Errorf("the commands printed %s, want a domain that is not verified yet", printed)
	}
}

func testAlarms(t *testing.T, o operator, printed string) {
	for _, want := range []string{"latchkey-AheadAlarm-1A2B\n", "request failed", "\nEnabled\n"} {
		if !strings.Contains(printed, want) {
			t.Errorf("the commands printed %s, want %q in it", printed, want)
		}
	}
	for _, unwanted := range []string{"KeysAlarm", "session started"} {
		if strings.Contains(printed, unwanted) {
			t.Errorf("the commands printed %s, with %q in it", printed, unwanted)
		}
	}
	if got := o.run(t, "aws dynamodb scan --table-name SessionsTable --query 'Items[].item.S' --output text"); got != "of another\n" {
		t.Errorf("the table of sessions holds %q after the session was deleted, want the item of another", got)
	}
}

func testDashboard(t *testing.T, o operator, printed string) {
	if printed != "Dashboard\n" {
		t.Errorf("resource Dashboard printed %q", printed)
	}
}

func testQuotas(t *testing.T, o operator, printed string) {
	const want = `RequestServiceQuotaIncrease {"ServiceCode":"lambda","QuotaCode":"L-B99A9384","DesiredValue":5000.0}`
	if !strings.Contains(o.cloud.heard(), want) {
		t.Errorf("the services were told %s, want %s", o.cloud.heard(), want)
	}
}
