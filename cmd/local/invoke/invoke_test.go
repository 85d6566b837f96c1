package invoke_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/latchkey-auth/latchkey/cmd/local/invoke"
)

// handler is a lambda.Handler made of a function.
type handler func(ctx context.Context, event []byte) ([]byte, error)

func (h handler) Invoke(ctx context.Context, event []byte) ([]byte, error) { return h(ctx, event) }

type refusal struct{ text string }

func (r *refusal) Error() string { return r.text }

func functions() *invoke.Functions {
	echo := func(_ context.Context, event []byte) ([]byte, error) { return event, nil }
	arn := func(ctx context.Context, _ []byte) ([]byte, error) {
		lc, _ := lambdacontext.FromContext(ctx)
		return []byte(lc.InvokedFunctionArn), nil
	}
	byID := map[string]invoke.Function{}
	for id, h := range map[string]handler{
		"Echo":   echo,
		"Fails":  func(context.Context, []byte) ([]byte, error) { return nil, errors.New("Unauthorized") },
		"Refuse": func(context.Context, []byte) ([]byte, error) { return nil, &refusal{"no"} },
		"Panics": func(context.Context, []byte) ([]byte, error) { panic(errors.New("broken")) },
	} {
		byID[id] = invoke.Function{Handler: h, Timeout: 5 * time.Second}
	}
	byID["ARN"] = invoke.Function{Handler: handler(arn), Timeout: 5 * time.Second, Aliases: []string{"live", "checked"}}
	return &invoke.Functions{ByID: byID, Log: slog.New(slog.DiscardHandler)}
}

// A function that hangs is given up at its time limit, as Lambda says it.
func TestInvokeHasATimeLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, release := functions(), make(chan struct{})
		f.ByID["Waits"] = invoke.Function{Timeout: 5 * time.Second, Handler: handler(func(context.Context, []byte) ([]byte, error) {
			<-release
			return nil, nil
		})}
		defer close(release)
		start := time.Now()
		_, err := f.Invoke(context.Background(), "Waits", nil)
		if err == nil || !strings.HasSuffix(err.Error(), "Task timed out after 5.00 seconds") || time.Since(start) != 5*time.Second {
			t.Errorf("Invoke(Waits) = %v after %s, want that it timed out after 5 s", err, time.Since(start))
		}
	})
}

// A function of the Event type has run when that is answered. It sees its
// deadline and request id, and is not cut off when the caller has gone.
func TestInvokeContext(t *testing.T) {
	f, ran := functions(), false
	f.ByID["Looks"] = invoke.Function{Timeout: time.Hour, Handler: handler(func(ctx context.Context, _ []byte) ([]byte, error) {
		ran = true
		deadline, ok := ctx.Deadline()
		if !ok || time.Until(deadline) > time.Hour || ctx.Err() != nil {
			t.Errorf("deadline %v %v, error %v; want one within an hour and none", deadline, ok, ctx.Err())
		}
		if lc, ok := lambdacontext.FromContext(ctx); !ok || lc.AwsRequestID == "" {
			t.Error("there is no request id, want one")
		}
		return []byte("{}"), nil
	})}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	answer := call(f, httptest.NewRequestWithContext(ctx, "POST", path("Looks"), nil), "X-Amz-Invocation-Type", "Event")
	if answer.Code != 202 || !ran {
		t.Errorf("the invocation is answered %d, and the function ran: %t", answer.Code, ran)
	}
	if _, err := f.Invoke(t.Context(), "Other", nil); err == nil || err.Error() != "there is no function Other" {
		t.Errorf("Invoke(Other) = %v, want that there is none", err)
	}
}

func path(id string) string { return "/2015-03-31/functions/" + id + "/invocations" }

// call sends a request with one more header to the Invoke API.
func call(f *invoke.Functions, r *http.Request, name, value string) *httptest.ResponseRecorder {
	mux, recorder := http.NewServeMux(), httptest.NewRecorder()
	mux.Handle(invoke.Path, f)
	if name != "" {
		r.Header.Set(name, value)
	}
	mux.ServeHTTP(recorder, r)
	return recorder
}

const (
	functionARN = "arn:aws:lambda:us-east-1:123456789012:function:"
	two         = `{"Type":"User","Message":"the name and the parameter Qualifier name two aliases"}`
)

func TestAPI(t *testing.T) {
	for _, tt := range []struct {
		name, id, query string
		event           string
		header          [2]string
		status          int
		body            string
		failed          string // X-Amz-Function-Error
	}{
		{name: "answer", id: "Echo", event: `{"a":1}`, status: 200, body: `{"a":1}`},
		{name: "no event", id: "Echo", status: 200, body: `{}`},
		{name: "function error", id: "Fails", status: 200, body: `{"errorMessage":"Unauthorized","errorType":"errorString"}`, failed: "Unhandled"},
		{name: "named error", id: "Refuse", status: 200, body: `{"errorMessage":"no","errorType":"refusal"}`, failed: "Unhandled"},
		{name: "panic", id: "Panics", status: 200, body: `{"errorMessage":"broken","errorType":"errorString"}`, failed: "Unhandled"},
		{name: "unknown function", id: "Other", status: 404, body: `{"Type":"User","Message":"there is no function Other"}`},
		{name: "no JSON", id: "Echo", event: `{`, status: 400, body: `{"Type":"User","Message":"the event is no JSON"}`},
		{name: "too large", id: "Echo", event: `"` + strings.Repeat("a", 6<<20) + `"`, status: 413, body: `{"Type":"User","Message":"the event is larger than 6 MB"}`},
		{name: "asynchronous", id: "Fails", header: [2]string{"X-Amz-Invocation-Type", "Event"}, status: 202},
		{name: "dry run", id: "Panics", header: [2]string{"X-Amz-Invocation-Type", "DryRun"}, status: 204},
		{name: "by no alias", id: "ARN", status: 200, body: functionARN + "ARN"},
		{name: "by an alias behind the name", id: "ARN:checked", status: 200, body: functionARN + "ARN:checked"},
		{name: "by an alias apart", id: "ARN", query: "?Qualifier=live", status: 200, body: functionARN + "ARN:live"},
		{name: "by both", id: "ARN:live", query: "?Qualifier=live", status: 200, body: functionARN + "ARN:live"},
		{name: "by two", id: "ARN:live", query: "?Qualifier=checked", status: 400, body: two},
		{name: "by its ARN", id: functionARN + "ARN:checked", status: 200, body: functionARN + "ARN:checked"},
		{name: "of no alias", id: "ARN", query: "?Qualifier=$LATEST", status: 200, body: functionARN + "ARN:$LATEST"},
		{name: "by an unknown alias", id: "ARN:other", status: 404, body: `{"Type":"User","Message":"there is no function ARN:other"}`},
		{name: "a page", id: "Echo", header: [2]string{"Origin", "https://evil.example.com"}, status: 403, body: `{"Type":"User","Message":"browsers may not invoke functions"}`},
		{name: "a page of the same site", id: "Echo", header: [2]string{"Sec-Fetch-Site", "none"}, status: 403, body: `{"Type":"User","Message":"browsers may not invoke functions"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest("POST", path(tt.id)+tt.query, strings.NewReader(tt.event))
			recorder := call(functions(), r, tt.header[0], tt.header[1])
			if body := recorder.Body.String(); recorder.Code != tt.status || strings.TrimSpace(body) != tt.body {
				t.Errorf("answer = %d %.200s, want %d %s", recorder.Code, body, tt.status, tt.body)
			}
			if got := recorder.Header().Get("X-Amz-Function-Error"); got != tt.failed {
				t.Errorf("X-Amz-Function-Error = %q, want %q", got, tt.failed)
			}
		})
	}
}
