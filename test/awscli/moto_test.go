//go:build awscli

package awscli_test

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// startMoto returns the address of moto's server, which run.sh installs.
func startMoto(t *testing.T) string {
	t.Helper()
	command := exec.Command(os.Getenv("MOTO"), "-m", "moto.server", "-H", "127.0.0.1", "-p", "0")
	out, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatalf("%v: run make test-awscli, which installs moto", err)
	}
	t.Cleanup(func() {
		command.Process.Kill()
		command.Wait()
	})
	running := regexp.MustCompile(`Running on (http://\S+)`)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if m := running.FindStringSubmatch(lines.Text()); m != nil {
			go io.Copy(io.Discard, out)
			return m[1]
		}
	}
	t.Fatal("moto's server ended without saying where it runs")
	return ""
}

// translated returns the logical ids of the resources that SAM makes of
// template.yaml, each as its own physical id.
func translated(t *testing.T) map[string]string {
	t.Helper()
	template, err := os.ReadFile(filepath.Join(root, "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), os.Getenv("MOTO"), "-c",
		`import json, sys; from cloud.transform import translate; print(json.dumps({r: r for r in translate(sys.stdin.read())["Resources"]}))`)
	command.Stdin = strings.NewReader(strings.ReplaceAll(string(template), "CodeUri: .", "CodeUri: s3://as/uploaded"))
	command.Dir = filepath.Join(root, "test", "deploy")
	command.Env = append(os.Environ(), "AWS_DEFAULT_REGION="+region, "PYTHONDONTWRITEBYTECODE=1")
	var faults strings.Builder
	command.Stderr = &faults
	out, err := command.Output()
	ids := map[string]string{}
	if err != nil || json.Unmarshal(out, &ids) != nil {
		t.Fatalf("translating template.yaml: %v\n%s", err, faults.String())
	}
	return ids
}

// makeStack makes what the stack has and the document's commands need: tables
// with the keys that the template gives them, Ada's session in one of them, two
// versions of the authorizer, the key that seals, and two alarms, one of them
// off.
func (o operator) makeStack(t *testing.T) {
	t.Helper()
	handle, err := base64.RawURLEncoding.DecodeString(o.local.Handle)
	if err != nil || len(handle) != 32 {
		t.Fatalf("the handle %q does not hold 32 bytes: %v", o.local.Handle, err)
	}
	user, item := base64.RawURLEncoding.EncodeToString(handle[:16]), base64.RawURLEncoding.EncodeToString(handle[16:])
	o.cloud.physical["SealingKey"] = strings.TrimSpace(o.run(t, `aws kms create-key --query KeyMetadata.KeyId --output text`))
	o.run(t, `
create() { aws dynamodb create-table --table-name "$1" --billing-mode PAY_PER_REQUEST --deletion-protection-enabled --attribute-definitions $2 --key-schema $3
  aws dynamodb update-continuous-backups --table-name "$1" --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true; }
create SessionsTable "AttributeName=user,AttributeType=S AttributeName=item,AttributeType=S" "AttributeName=user,KeyType=HASH AttributeName=item,KeyType=RANGE"
create AccountsTable AttributeName=key,AttributeType=S AttributeName=key,KeyType=HASH
aws dynamodb put-item --table-name SessionsTable --item '{"user": {"S": "`+user+`"}, "item": {"S": "session#`+item+`"}}'
aws dynamodb put-item --table-name SessionsTable --item '{"user": {"S": "`+user+`"}, "item": {"S": "of another"}}'
aws dynamodb put-item --table-name AccountsTable --item '{"key": {"S": "user#ada"}}'
role=$(aws iam create-role --role-name role --assume-role-policy-document '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}' --query Role.Arn --output text)
python3 -c 'import sys, zipfile; zipfile.ZipFile(sys.argv[1], "w").writestr("bootstrap", "")' "$HOME/code.zip"
aws lambda create-function --function-name AuthorizerFunction --runtime provided.al2023 --handler bootstrap --role "$role" --zip-file "fileb://$HOME/code.zip" --publish
python3 -c 'import sys, zipfile; zipfile.ZipFile(sys.argv[1], "w").writestr("bootstrap", "broken")' "$HOME/code.zip"
aws lambda update-function-code --function-name AuthorizerFunction --zip-file "fileb://$HOME/code.zip" --publish
for alias in live checked optional; do aws lambda create-alias --function-name AuthorizerFunction --name $alias --function-version 2; done
for alarm in AheadAlarm KeysAlarm; do
  aws cloudwatch put-metric-alarm --alarm-name "latchkey-$alarm-1A2B" --namespace N --metric-name "$alarm" --statistic Sum --period 60 --evaluation-periods 1 --threshold 1 --comparison-operator GreaterThanThreshold
done
aws cloudwatch set-alarm-state --alarm-name latchkey-AheadAlarm-1A2B --state-value ALARM --state-reason "a test"
aws cloudwatch set-alarm-state --alarm-name latchkey-KeysAlarm-1A2B --state-value OK --state-reason "a test"
`)
}
