package setup_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/latchkey-auth/latchkey/functions/authorizer/rules"
	"github.com/latchkey-auth/latchkey/internal/rotatekeys"
	"github.com/latchkey-auth/latchkey/internal/setup"
	"github.com/latchkey-auth/latchkey/internal/setup/api"
	"github.com/latchkey-auth/latchkey/internal/setup/sealing"
	"github.com/latchkey-auth/latchkey/test/runtimeapi"
)

// role makes this test binary behave as a function's main.
const role = "LATCHKEY_TEST_FUNCTION"

func TestMain(m *testing.M) {
	switch os.Getenv(role) {
	case "authorizer":
		setup.Function{Build: setup.Authorizer(rules.All)}.Start()
	case "jwks":
		setup.Function{Build: api.OnAWS(api.JWKS)}.Start()
	case "refresh":
		setup.Function{Build: api.OnAWS(api.Refresh), Sealer: sealing.KMS}.Start()
	case "rotatekeys":
		setup.Function{Build: rotatekeys.Build, Sealer: sealing.KMS, Refuse: rotatekeys.Refuse}.Start()
	default:
		os.Exit(m.Run())
	}
}

// A function that cannot work does not start: it ends with a line of JSON that
// names what is wrong.
func TestFunctionsThatCannotStart(t *testing.T) {
	tables := []string{"SESSIONS_TABLE=s", "KEYS_TABLE=k"}
	for _, test := range []struct {
		function, variable string
		env                []string
	}{
		{"authorizer", "ACCESS_TOKEN_SECONDS", append(tables, "ACCESS_TOKEN_SECONDS=never")},
		{"authorizer", "SESSIONS_TABLE", []string{"KEYS_TABLE=k"}},
		{"authorizer", "PUBLIC_KEYS", append(tables, "PUBLIC_KEYS=x")},
		{"refresh", "KMS_KEY_ID", tables},
	} {
		process := exec.Command(os.Args[0])
		process.Env = append(test.env, role+"="+test.function)
		var stdout, stderr bytes.Buffer
		process.Stdout, process.Stderr = &stdout, &stderr
		err := process.Run()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != 1 {
			t.Errorf("%s with %v ended with %v, want exit code 1", test.function, test.env, err)
		}
		var line struct{ Level, Error string }
		if err := json.Unmarshal(stdout.Bytes(), &line); err != nil || line.Level != "ERROR" || !strings.Contains(line.Error, test.variable) {
			t.Errorf("%s with %v printed %q, want one JSON line that names %s", test.function, test.env, stdout.String(), test.variable)
		}
		if stderr.Len() > 0 {
			t.Errorf("%s with %v printed %q on stderr, want nothing", test.function, test.env, stderr.String())
		}
	}
}

// Functions take events from the Runtime API as Lambda gives them, also where
// the warm-up could not reach the table. What makes the keys starts with a
// configuration that cannot be used as well, logs that, and has nothing but the
// reason for an answer: CloudFormation asks, and waits.
func TestFunctionsStart(t *testing.T) {
	const why = "IDLE_SECONDS must be at least ACCESS_TOKEN_SECONDS and ROTATION_GAP_SECONDS together, or a client that refreshes a moment late is logged out"
	unusable := []string{"ACCESS_TOKEN_SECONDS=601", "IDLE_SECONDS=600"}
	for _, test := range []struct {
		function, event string
		env             []string
		want, logged    string
	}{
		{"authorizer", `{"type":"TOKEN","methodArn":"arn:aws:execute-api:eu-central-1:123456789012:abc/s/GET/x","authorizationToken":"Bearer x"}`, nil, "Unauthorized", `"not warmed up"`},
		{"refresh", `{"version":"2.0","routeKey":"POST /auth/session/refresh"}`, nil, `"statusCode":401`, `"not warmed up"`},
		{"rotatekeys", `{"action":"explode"}`, nil, "no such action", "no such action"},
		{"rotatekeys", `{"action":"rotate"}`, unusable, why, `"msg":"this function cannot start","error":"` + why},
	} {
		f, err := runtimeapi.Start(t.Context(), os.Args[0], append(test.env,
			role+"="+test.function, "SESSIONS_TABLE=s", "KEYS_TABLE=k", "KMS_KEY_ID=m", "AWS_REGION=eu-central-1"))
		if err != nil {
			t.Fatalf("%s does not start: %v", test.function, err)
		}
		defer f.Stop()
		answer, err := f.Invoke(t.Context(), []byte(test.event))
		if err != nil {
			t.Fatalf("%s ended: %v; it wrote %s", test.function, err, f.Log())
		}
		got := string(answer.Payload)
		if answer.Error != nil {
			got = answer.Error.Message
		}
		if !strings.Contains(got, test.want) || test.want == why && got != why {
			t.Errorf("%s answers %s, want %s", test.function, got, test.want)
		}
		f.Stop()
		if cold := strings.Contains(f.Log(), `"not warmed up"`); cold != (test.function != "rotatekeys") || !strings.Contains(f.Log(), test.logged) {
			t.Errorf("%s wrote %s, which says that it is cold: %v, want %s", test.function, f.Log(), cold, test.logged)
		}
	}
}

// A warm-up that fails is no more than that: the first event finds the table,
// if that answers by then.
func TestFirstEventAfterAFailedWarmUp(t *testing.T) {
	records, err := os.ReadFile("../../sessions/dynamo/testdata/keys.json")
	must(t, err)
	var asked atomic.Int32
	table := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) == 1 {
			w.WriteHeader(http.StatusBadRequest) // is not tried again
			return
		}
		w.Write(records)
	}))
	defer table.Close()
	f, err := runtimeapi.Start(t.Context(), os.Args[0], []string{
		role + "=jwks", "KEYS_TABLE=k", "AWS_REGION=eu-central-1", "DYNAMODB_ENDPOINT=" + table.URL, "AWS_ACCESS_KEY_ID=a", "AWS_SECRET_ACCESS_KEY=b",
	})
	must(t, err)
	defer f.Stop()
	answer, err := f.Invoke(t.Context(), []byte(`{"version":"2.0","routeKey":"`+keysRoute+`"}`))
	if err != nil || !strings.Contains(string(answer.Payload), `"statusCode":200`) || asked.Load() != 2 {
		t.Errorf("Invoke = %s, %v after %d requests to the table, want the keys after 2; the function wrote %s", answer.Payload, err, asked.Load(), f.Log())
	}
}
