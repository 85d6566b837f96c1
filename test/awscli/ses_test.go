//go:build awscli

package awscli_test

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/latchkey-auth/latchkey/internal/awsclient"
	"github.com/latchkey-auth/latchkey/internal/mail"
	"github.com/latchkey-auth/latchkey/internal/mail/ses"
)

// TestSES sends mails to an SES that is not ours, moto's: it refuses them until
// the sender is verified, and then has the one that was sent. Of the two forms
// of a mail moto keeps the HTML.
func TestSES(t *testing.T) {
	moto := startMoto(t)
	nobody := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "nobody", SecretAccessKey: "nothing"}, nil
	})
	sender := ses.New(awsclient.Service{Region: region, Endpoint: moto, Credentials: nobody}, "no-reply@example.com")
	m := mail.Message{To: "ada@example.org", Subject: "Größe & Maß", Text: "https://a.example/?a=b&c=d\n", HTML: "<p>ä</p>"}
	err := sender.Send(t.Context(), m)
	if err == nil || !strings.Contains(err.Error(), "MessageRejected") || strings.Contains(err.Error(), m.To) {
		t.Errorf("Send = %v, want MessageRejected, and no address, before the sender is verified", err)
	}
	verify := exec.CommandContext(t.Context(), os.Getenv("AWSCLI"),
		"sesv2", "create-email-identity", "--email-identity", "example.com")
	verify.Env = append(os.Environ(), "AWS_ENDPOINT_URL="+moto, "AWS_DEFAULT_REGION="+region,
		"AWS_ACCESS_KEY_ID=nobody", "AWS_SECRET_ACCESS_KEY=nothing")
	if out, err := verify.CombinedOutput(); err != nil {
		t.Fatalf("create-email-identity: %v\n%s", err, out)
	}
	if err := sender.Send(t.Context(), m); err != nil {
		t.Fatalf("Send = %v, want nil once the domain is verified", err)
	}
	answer, err := http.Get(moto + "/moto-api/data.json")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var data struct {
		SES struct {
			Message []struct {
				Source, Subject, Body string
				Destinations          struct{ ToAddresses []string }
			}
		}
	}
	if err := json.NewDecoder(answer.Body).Decode(&data); err != nil {
		t.Fatal(err)
	}
	got := data.SES.Message
	if len(got) != 1 || got[0].Source != "no-reply@example.com" || got[0].Subject != m.Subject || got[0].Body != m.HTML ||
		!slices.Equal(got[0].Destinations.ToAddresses, []string{m.To}) {
		t.Errorf("SES has %+v, want %+v", got, m)
	}
}
