//go:build dynamodb

package lambda_test

import (
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/internal/template/document"
)

// permission is one action on one resource that a statement allows. A resource
// is as the template writes it.
type permission struct {
	action, resource string
	key              string // pattern of the partition key, or sender of the mail; "" without a condition
}

// allows reports whether the permission covers the request.
func (p permission) allows(one request) bool {
	matches, err := path.Match(p.key, one.leading)
	return p.action == one.action && p.resource == one.resource && (p.key == "" || matches && err == nil)
}

// anyIdentity is the resource of a statement about mails, which must name the
// sender.
const anyIdentity = "!Sub arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/*"

// arn is how the template writes the ARN of a resource of its own.
func arn(id string) string { return "!GetAtt [" + id + ", Arn]" }

// parse returns what a statement allows, and what no statement of ours may say:
// a denial, a wildcard, a Scan, a resource that is not of this stack, or a
// condition that is not on the key of an item or the sender of a mail.
func parse(st document.Value) (may []permission, faults []string) {
	if name, args := st.Expression(); name == "Fn::If" {
		st = args.Items()[1]
	}
	if effect := st.Get("Effect").Text(); effect != "Allow" {
		return nil, []string{"a statement with the effect " + effect}
	}
	resource := st.Get("Resource")
	if name, _ := resource.Expression(); name == "" {
		faults = append(faults, "a statement on "+resource.String())
	}
	keys, condition := []string{""}, st.Get("Condition")
	leading := condition.Get("ForAllValues:StringLike").Get("dynamodb:LeadingKeys")
	from := condition.Get("StringEquals").Get("ses:FromAddress")
	mails := condition.String() == "{StringEquals: {ses:FromAddress: "+from.String()+"}}"
	switch {
	case mails != (resource.String() == anyIdentity):
		faults = append(faults, "a statement about identities from no one address, or of others about addresses")
	case mails:
		keys = []string{from.String()}
	case condition.String() == "{ForAllValues:StringLike: {dynamodb:LeadingKeys: "+leading.String()+"}}":
		keys = nil
		for _, pattern := range leading.Items() {
			keys = append(keys, pattern.Text())
		}
	case condition.Kind() != document.Absent:
		return nil, append(faults, "a statement has the condition "+condition.String())
	}
	for _, action := range st.Get("Action").Texts() {
		if strings.ContainsAny(action.Text(), "*?") || strings.HasSuffix(action.Text(), ":Scan") {
			faults = append(faults, "a statement allows "+action.Text())
		}
		for _, key := range keys {
			may = append(may, permission{action.Text(), resource.String(), key})
		}
	}
	return may, faults
}

// compare returns what the statements lack, what no statement should say, and
// what they allow without need.
func compare(statements []document.Value, did []request) (faults []string) {
	var may []permission
	for _, st := range statements {
		more, wrong := parse(st)
		may, faults = append(may, more...), append(faults, wrong...)
	}
	for _, one := range did {
		if !slices.ContainsFunc(may, func(p permission) bool { return p.allows(one) }) {
			faults = append(faults, fmt.Sprintf("no statement allows %s on %s of %.6q…", one.action, one.resource, one.leading))
		}
	}
	for _, p := range may {
		if !slices.ContainsFunc(did, p.allows) {
			faults = append(faults, fmt.Sprintf("%s on %s of %q is allowed and never done", p.action, p.resource, p.key))
		}
	}
	return faults
}

// TestCompare lists what compare must find.
func TestCompare(t *testing.T) {
	t.Parallel()
	get := request{action: "dynamodb:GetItem", resource: "!Ref A", leading: "guess#1"}
	send := request{action: "ses:SendEmail", resource: anyIdentity, leading: "!Ref Me"}
	const ofMails = `Effect: Allow, Action: ses:SendEmail, Resource: !Sub "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/*"`
	for statement, tt := range map[string]struct {
		did  request
		want []string // a part of each fault
	}{
		"Effect: Allow, Action: dynamodb:GetItem, Resource: !Ref A":                                                                                {get, nil},
		"Effect: Allow, Action: dynamodb:GetItem, Resource: A":                                                                                     {get, []string{"a statement on A", "no statement", "never done"}},
		"Effect: Allow, Action: dynamodb:GetItem, Resource: !Ref B":                                                                                {get, []string{"no statement allows", `on !Ref B of "" is allowed and never done`}},
		"Effect: Allow, Action: [dynamodb:GetItem, dynamodb:PutItem], Resource: !Ref A":                                                            {get, []string{"dynamodb:PutItem on !Ref A"}},
		`Effect: Allow, Action: [dynamodb:GetItem, "dynamodb:*"], Resource: !Ref A`:                                                                {get, []string{"allows dynamodb:*", "never done"}},
		"Effect: Allow, Action: dynamodb:Scan, Resource: !Ref A":                                                                                   {request{"dynamodb:Scan", "!Ref A", ""}, []string{"allows dynamodb:Scan"}},
		"Effect: Deny, Action: dynamodb:GetItem, Resource: !Ref A":                                                                                 {get, []string{"effect Deny", "no statement allows"}},
		"Effect: Allow, Action: dynamodb:GetItem, Resource: !Ref A, Condition: {Bool: 1}":                                                          {get, []string{"has the condition", "no statement allows"}},
		`Effect: Allow, Action: dynamodb:GetItem, Resource: !Ref A, Condition: {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["guess#*"]}}`: {get, nil},
		`Effect: Allow, Action: dynamodb:GetItem, Resource: !Ref A, Condition: {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["user#*"]}}`: {
			get, []string{"no statement allows", `"user#*" is allowed and never done`},
		},
		`Effect: Allow, Action: dynamodb:GetItem, Resource: !Ref A, Condition: {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["guess#*", "user#*"]}}`: {
			get, []string{`"user#*" is allowed and never done`},
		},
		ofMails: {send, []string{"from no one address"}},
		ofMails + `, Condition: {StringEquals: {"ses:FromAddress": !Ref Me}}`:  {send, nil},
		ofMails + `, Condition: {StringEquals: {"ses:FromAddress": !Ref You}}`: {send, []string{"no statement allows", `"!Ref You" is allowed and never done`}},
	} {
		d, err := document.Parse([]byte("S: {" + statement + "}"))
		if err != nil {
			t.Fatal(err)
		}
		got := compare([]document.Value{d.Root.Get("S")}, []request{tt.did})
		ok := len(got) == len(tt.want)
		for i := 0; ok && i < len(got); i++ {
			ok = strings.Contains(got[i], tt.want[i])
		}
		if !ok {
			t.Errorf("%s: compare = %q, want %q in its order", statement, got, tt.want)
		}
	}
}

// testRareCommands makes the requests that no other part of the test needs.
func (s *stack) testRareCommands(t *testing.T) {
	c := s.client(t)
	// A sign-in or sign-up ends the session that the caller has.
	c.Bearer, _ = c.Post("/auth/signin", s.form(ada, adas)).Want(200).Saying(`"OK"`).Tokens()
	for _, again := range []string{"/auth/signin", "/auth/signup"} {
		email := map[string]string{"/auth/signin": ada, "/auth/signup": "mary@example.com"}[again]
		next, _ := c.Post(again, s.form(email, adas)).Want(200).Saying(`"OK"`).Tokens()
		c.Post("/notes", `{"text":"late"}`).Want(401)
		c.Bearer = next
	}

	// A listing removes what ended long ago.
	user := claims(t, c.Bearer).User
	s.ended(t, user)
	c.Get("/auth/sessions").Want(200)
	s.ended(t, user)
	c.Post("/auth/signin", s.form("mary@example.com", adas)).Want(200).Saying(`"OK"`)

	signing := s.keys(t).Signing
	for _, command := range []struct{ text, want string }{
		{fmt.Sprintf(`{"action":"revoke-signing-key","kid":%q}`, signing[len(signing)-1].ID), `"revoked":true`},
		{`{"action":"list-providers"}`, `"corp"`},
		{`{"action":"delete-provider","id":"corp"}`, `"providers":[]`},
	} {
		answer, err := s.invoke(t.Context(), "RotateKeysFunction", []byte(command.text))
		if err != nil || !strings.Contains(string(answer), command.want) {
			t.Errorf("%s = %s, %v, want %s in it", command.text, answer, err, command.want)
		}
	}
}

// statements returns those of the template by the function's logical id.
func statements(t *testing.T) map[string][]document.Value {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	d, err := document.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]document.Value{}
	for id, r := range d.Root.Get("Resources").Members() {
		if r.Get("Type").Text() != "AWS::Serverless::Function" {
			continue
		}
		all[id] = nil
		for _, policy := range r.Get("Properties").Get("Policies").Texts() {
			inline := policy.Get("Statement").Items()
			if len(inline) == 0 {
				t.Errorf("%s has the policy %s, want statements", id, policy)
			}
			all[id] = append(all[id], inline...)
		}
	}
	return all
}

// testPermissions compares the permissions of the functions with their
// requests.
func (s *stack) testPermissions(t *testing.T) {
	written := map[string]string{ // how the template writes what a request names
		sealingKey: arn("SealingKey"), anyIdentity: anyIdentity, "MailFunction": arn("MailFunction"), s.tables["SESSIONS_TABLE"]: arn("SessionsTable"),
		s.tables["ACCOUNTS_TABLE"]: arn("AccountsTable"), s.tables["ACCOUNTS_TABLE"] + "/index/users": "!Sub ${AccountsTable.Arn}/index/users",
		s.tables["KEYS_TABLE"]: arn("KeysTable"),
	}
	made := s.record.taken()
	for id, may := range statements(t) {
		did := made[id]
		for i := range did {
			did[i].resource = written[did[i].resource]
			if did[i].leading == mailFrom {
				did[i].leading = "!Ref MailFrom"
			}
		}
		for _, fault := range compare(may, did) {
			t.Errorf("%s: %s", id, fault)
		}
		delete(made, id)
	}
	if len(made) != 0 {
		t.Errorf("%v are recorded, and are no functions of the template", slices.Collect(maps.Keys(made)))
	}
	got := map[string]bool{}
	for _, st := range statements(t)["AuthorizerFunction"] {
		may, _ := parse(st)
		for _, p := range may {
			got[p.action+" "+p.resource] = true
		}
	}
	want := map[string]bool{"dynamodb:BatchGetItem " + arn("SessionsTable"): true, "dynamodb:Query " + arn("KeysTable"): true}
	if !maps.Equal(got, want) {
		t.Errorf("the authorizer may do %v, want %v", got, want)
	}
}
