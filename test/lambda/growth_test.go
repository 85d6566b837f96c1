//go:build dynamodb

package lambda_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/dynamo"
	"github.com/latchkey-auth/latchkey/test/client"
	"github.com/latchkey-auth/latchkey/test/dynamolocal"
	"github.com/latchkey-auth/latchkey/test/proof"
)

// testGrowth makes everyday calls: with few sessions in the table, with those
// of many users, and as a user with the most sessions allowed. DynamoDB bills
// the same each time. The exception is a sign-in of that user, which reads the
// list. The time taken is only reported: it depends on the engine and the
// machine.
func (s *stack) testGrowth(t *testing.T) {
	const most = 1000
	many := proof.Scale(1_000, 1_000_000)
	few := s.days(t, s.newUser(t, "hedy@example.com"))
	others := make([]string, many)
	for i := range others {
		others[i] = fmt.Sprintf("user-%d", i/10)
	}
	s.fill(t, others)
	beside := s.days(t, s.newUser(t, "inge@example.com"))
	email := s.newUser(t, "joan@example.com")
	c, _ := s.signIn(t, email, adas)
	s.fill(t, slices.Repeat([]string{claims(t, c.Bearer).User}, most-40)) // room for the sign-ins to come
	as := s.days(t, email)
	for name, was := range few {
		if beside[name].units != was.units {
			t.Errorf("%s beside %d sessions: DynamoDB bills %v, and %v beside few", name, many, beside[name].units, was.units)
		}
		if as[name].units != was.units && name != "sign-in" {
			t.Errorf("%s of a user with %d sessions: DynamoDB bills %v, and %v of one with few", name, most, as[name].units, was.units)
		}
		proof.Report(t, fmt.Sprintf("%s beside %d sessions, and as a user with %d, to beside few", name, many, most),
			fmt.Sprintf("%.2f, %.2f", float64(beside[name].took)/float64(was.took), float64(as[name].took)/float64(was.took)))
	}
	proof.Report(t, "units of a sign-in, few and many sessions of the user", fmt.Sprint(few["sign-in"].units, as["sign-in"].units))
}

// newUser signs up a user and returns the address.
func (s *stack) newUser(t *testing.T, email string) string {
	t.Helper()
	s.client(t).Post("/auth/signup", s.form(email, adas)).Want(200).Saying(`"OK"`)
	return email
}

// day is the cost of one kind of call.
type day struct {
	units units
	took  time.Duration // median
}

// days makes each call several times. A refresh soon after another rotates
// nothing if it is within the gap, so each is of a different session.
func (s *stack) days(t *testing.T, email string) map[string]day {
	t.Helper()
	const times = 9
	took, cost := map[string][]time.Duration{}, map[string]units{}
	count := func(name string, call func() client.Answer) client.Answer {
		s.spent()
		start := time.Now()
		answer := call()
		took[name], cost[name] = append(took[name], time.Since(start)), s.spent()
		return answer
	}
	for range times {
		c := s.client(t)
		var refresh string
		c.Bearer, refresh = count("sign-in", func() client.Answer { return c.Post("/auth/signin", s.form(email, adas)).Want(200) }).Tokens()
		count("GET", func() client.Answer { return c.Get("/notes").Want(200) })
		count("POST", func() client.Answer { return c.Post("/notes", `{"text":"a day"}`).Want(201) })
		c.Bearer = refresh
		count("refresh", func() client.Answer { return c.Post("/auth/session/refresh", "").Want(200) })
	}
	all := map[string]day{}
	for name, d := range took {
		slices.Sort(d)
		all[name] = day{cost[name], d[len(d)/2]}
	}
	return all
}

// fill puts a live session of each user into the table.
func (s *stack) fill(t *testing.T, users []string) {
	t.Helper()
	store := dynamo.New(dynamolocal.Client(t), s.tables["SESSIONS_TABLE"])
	var writers sync.WaitGroup
	todo := make(chan string)
	for range 8 {
		writers.Go(func() {
			for user := range todo {
				if err := store.Create(t.Context(), session(user)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for _, user := range users {
		todo <- user
	}
	close(todo)
	writers.Wait()
}

// session returns a live session of the user, which began now.
func session(user string) sessions.Session {
	now := time.Now().UTC().Truncate(time.Millisecond)
	return sessions.Session{
		Handle: sessions.NewHandle(sessions.KeyOf("public", user)), Tenant: "public", User: user, RecipeUser: user,
		State: sessions.Live, Hash: [32]byte{1}, MACKey: "m", Created: now, Idle: now.Add(time.Hour), Absolute: now.Add(time.Hour),
		Claims: json.RawMessage(`{"plan":{"v":"gold","t":1772366400123}}`), ClaimsVersion: 1, Device: "Mozilla/5.0 (X11; Linux x86_64) Chrome/140",
	}
}
