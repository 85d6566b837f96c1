package linearizable

import (
	"testing"

	"github.com/anishathalye/porcupine"
)

// at is a call of session 0, with when it began and when it ended.
func at(call, end int64, operation Operation, a Answer) porcupine.Operation {
	return presented(call, end, operation, 0, a)
}

func presented(call, end int64, operation Operation, generation uint32, a Answer) porcupine.Operation {
	c := Call{operation, 0, generation}
	switch operation {
	case RevokeAll, Disable, Enable, Grant, Take:
		c.Session = Everybody
	}
	if a == Unknown {
		end = Never
	}
	return porcupine.Operation{ClientId: int(call), Input: of{c, 0}, Call: call, Output: a, Return: end}
}

// byAnother is all others ended by session 1.
func byAnother(call, end int64, a Answer) porcupine.Operation {
	o := at(call, end, Others, a)
	o.Input = of{Call{Operation: Others, Session: 1}, 0}
	return o
}

// The specification, by examples. All begin with a sign-in from 0 to 3.
func TestSpecification(t *testing.T) {
	for _, tt := range []struct {
		name string
		want bool
		then []porcupine.Operation
	}{
		{"a POST of a live session passes", true, []porcupine.Operation{at(4, 5, Write, Done)}},
		{"a POST of a live session is refused", false, []porcupine.Operation{at(4, 5, Write, Refused)}},
		{"a POST passes after a revoke", false, []porcupine.Operation{at(4, 5, Revoke, Done), at(6, 7, Write, Done)}},
		{"a POST passes after all were revoked", false, []porcupine.Operation{at(4, 5, RevokeAll, Done), at(6, 7, Write, Done)}},
		{"a POST passes after a disable", false, []porcupine.Operation{at(4, 5, Disable, Done), at(6, 7, Write, Done)}},
		{"a POST passes after all others were ended by another", false, []porcupine.Operation{byAnother(4, 5, Done), at(6, 7, Write, Done)}},
		{"a POST passes after others were not ended", true, []porcupine.Operation{byAnother(4, 5, Refused), at(6, 7, Write, Done)}},
		{"a POST passes after all its others were ended", true, []porcupine.Operation{at(4, 5, Others, Done), at(6, 7, Write, Done)}},
		{"a POST is refused after all its others were ended", false, []porcupine.Operation{at(4, 5, Others, Done), at(6, 7, Write, Refused)}},
		{"all others are ended for a session that is over", false, []porcupine.Operation{at(4, 5, Revoke, Done), at(6, 7, Others, Done)}},
		{"a session comes back when its user is enabled", false, []porcupine.Operation{
			at(4, 5, Disable, Done), at(6, 7, Enable, Done), at(8, 9, Write, Done),
		}},
		{"a role is had before it is given", false, []porcupine.Operation{at(4, 5, Report, Done)}},
		{"a role is had", true, []porcupine.Operation{at(4, 5, Grant, Done), at(6, 7, Report, Done)}},
		{"a role is had after it is lost", false, []porcupine.Operation{at(4, 5, Grant, Done), at(6, 7, Take, Done), at(8, 9, Report, Done)}},
		{"a role is had while it is lost", true, []porcupine.Operation{at(4, 5, Grant, Done), at(6, 9, Take, Done), at(7, 8, Report, Done)}},
		{"a POST passes during a revoke", true, []porcupine.Operation{at(4, 7, Revoke, Done), at(5, 6, Write, Done)}},
		{"a POST is refused during a revoke", true, []porcupine.Operation{at(4, 7, Revoke, Done), at(5, 6, Write, Refused)}},
		{"a POST passes once another was refused, during a revoke", false, []porcupine.Operation{
			at(4, 11, Revoke, Done), at(5, 6, Write, Refused), at(7, 8, Write, Done),
		}},
		{"a POST passes after a revoke that is unknown", true, []porcupine.Operation{at(4, 5, Revoke, Unknown), at(6, 7, Write, Done)}},
		{"a POST is refused after a revoke that is unknown", true, []porcupine.Operation{at(4, 5, Revoke, Unknown), at(6, 7, Write, Refused)}},
		{"a GET passes after a revoke", true, []porcupine.Operation{at(4, 5, Revoke, Done), at(6, 7, Read, Done)}},
		{"a GET is refused", false, []porcupine.Operation{at(4, 5, Revoke, Done), at(6, 7, Read, Refused)}},
		{"a refresh after a revoke gives tokens", false, []porcupine.Operation{at(4, 5, Revoke, Done), at(6, 7, Refresh, Rotated)}},
		{"a replay after a revoke gives tokens", false, []porcupine.Operation{
			at(4, 5, Refresh, Rotated), at(6, 7, Revoke, Done), at(8, 9, Refresh, Replayed),
		}},
		{"a live session is not refreshed", false, []porcupine.Operation{at(4, 5, Refresh, Refused)}},
		{"two refreshes of one token rotate", false, []porcupine.Operation{at(4, 7, Refresh, Rotated), at(5, 6, Refresh, Rotated)}},
		{"of two refreshes one rotates", true, []porcupine.Operation{at(4, 7, Refresh, Rotated), at(5, 6, Refresh, Replayed)}},
		{"a current token is taken for a reused one", false, []porcupine.Operation{at(4, 5, Refresh, Reused)}},
		{"a session lives after its token was reused", false, []porcupine.Operation{
			at(4, 5, Refresh, Rotated), at(6, 7, Refresh, Reused), at(8, 9, Write, Done),
		}},
		{"a session is over after its token was reused", true, []porcupine.Operation{
			at(4, 5, Refresh, Rotated), at(6, 7, Refresh, Reused), presented(8, 9, Refresh, 1, Refused),
		}},
		{"a refresh that is unknown has rotated", true, []porcupine.Operation{
			at(4, 5, Refresh, Unknown), presented(6, 7, Refresh, 1, Fresh),
		}},
	} {
		history := append([]porcupine.Operation{at(0, 1, Begin, Done), at(2, 3, Start, Done)}, tt.then...)
		if got := porcupine.CheckOperations(Model(), history); got != tt.want {
			t.Errorf("%s: fits is %v, want %v", tt.name, got, tt.want)
		}
	}
}

// A sign-in and a revocation of all, in every order.
func TestSpecificationOfSignIns(t *testing.T) {
	for _, tt := range []struct {
		name string
		want bool
		all  []porcupine.Operation
	}{
		{"refused for nothing", false, []porcupine.Operation{at(0, 1, Begin, Done), at(2, 3, Start, Refused)}},
		{"revoked before it", true, []porcupine.Operation{at(0, 1, RevokeAll, Done), at(2, 3, Begin, Done), at(4, 5, Start, Done)}},
		{"refused for what was before", false, []porcupine.Operation{at(0, 1, RevokeAll, Done), at(2, 3, Begin, Done), at(4, 5, Start, Refused)}},
		{"started although revoked within it", false, []porcupine.Operation{at(0, 1, Begin, Done), at(2, 3, RevokeAll, Done), at(4, 5, Start, Done)}},
		{"refused because revoked within it", true, []porcupine.Operation{at(0, 1, Begin, Done), at(2, 3, RevokeAll, Done), at(4, 5, Start, Refused)}},
		{"started while disabled", false, []porcupine.Operation{at(0, 1, Disable, Done), at(2, 3, Begin, Done), at(4, 5, Start, Done)}},
		{"refused while disabled", true, []porcupine.Operation{at(0, 1, Disable, Done), at(2, 3, Begin, Done), at(4, 5, Start, Refused)}},
		{"begun while disabled and started later", false, []porcupine.Operation{
			at(0, 1, Disable, Done), at(2, 3, Begin, Done), at(4, 5, Enable, Done), at(6, 7, Start, Done),
		}},
		{"started once enabled", true, []porcupine.Operation{
			at(0, 1, Disable, Done), at(2, 3, Enable, Done), at(4, 5, Begin, Done), at(6, 7, Start, Done),
		}},
		{"started during a revocation, and over after it", true, []porcupine.Operation{
			at(0, 9, RevokeAll, Done), at(1, 2, Begin, Done), at(3, 4, Start, Done), at(10, 11, Write, Refused),
		}},
		{"begun before a revocation and not over after it", false, []porcupine.Operation{
			at(0, 1, Begin, Done), at(2, 9, RevokeAll, Done), at(3, 4, Start, Done), at(10, 11, Write, Done),
		}},
	} {
		if got := porcupine.CheckOperations(Model(), tt.all); got != tt.want {
			t.Errorf("%s: fits is %v, want %v", tt.name, got, tt.want)
		}
	}
}
