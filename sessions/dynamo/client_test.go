package dynamo_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey-auth/latchkey/sessions/dynamo"
)

// signed answers, and keeps the headers that say who asks.
func signed(headers *http.Header) answer {
	return func(req *http.Request) (*http.Response, error) {
		*headers = req.Header.Clone()
		return reply(200, `{}`)(req)
	}
}

func TestCredentials(t *testing.T) {
	var sent http.Header
	net := &network{answers: []answer{signed(&sent)}}
	client := dynamo.NewClient(dynamo.ClientConfig{Region: "eu-west-1", Transport: net})
	ask := func() error {
		_, err := client.GetItem(t.Context(), getAny())
		return err
	}
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"} {
		t.Setenv(name, "")
	}
	if err := ask(); err == nil || net.requests != 0 || !strings.Contains(err.Error(), "AWS_ACCESS_KEY_ID") {
		t.Errorf("GetItem without credentials = %v after %d requests, want an error that names them", err, net.requests)
	}
	for _, id := range []string{"AKIA1", "AKIA2"} {
		t.Setenv("AWS_ACCESS_KEY_ID", id)
		t.Setenv("AWS_SECRET_ACCESS_KEY", "secret-of-"+id)
		t.Setenv("AWS_SESSION_TOKEN", "session-of-"+id)
		if err := ask(); err != nil {
			t.Fatalf("GetItem = %v, want nil", err)
		}
		auth := sent.Get("Authorization")
		if !strings.Contains(auth, "Credential="+id+"/") || !strings.Contains(auth, "/eu-west-1/dynamodb/") {
			t.Errorf("Authorization = %s, want it signed by %s for the Region", auth, id)
		}
		if got := sent.Get("X-Amz-Security-Token"); got != "session-of-"+id {
			t.Errorf("session token = %s, want that of %s", got, id)
		}
	}
}

func getAny() *dynamodb.GetItemInput {
	return &dynamodb.GetItemInput{
		TableName: aws.String("sessions"),
		Key:       map[string]types.AttributeValue{"user": &types.AttributeValueMemberS{Value: "u"}},
	}
}
