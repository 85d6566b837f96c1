package accounts

import (
	"strings"
	"testing"
)

func TestCommonPasswords(t *testing.T) {
	p := policy{minimum: 8}
	for _, word := range []string{
		"password", "PASSWORD", "12345678", "qwertyuiop", "iloveyou", "Sunshine", "football", "baseball",
		"1q2w3e4r", "superman", "trustno1", "password123", "11111111", "princess", "letmein1", "starwars",
	} {
		if _, fault := p.accept(word, ""); fault != passwordCommon {
			t.Errorf("accept(%s) = %q, want %q", word, fault, passwordCommon)
		}
	}
	for _, word := range []string{"nine white owls", "correct horse battery", "q8#zWp!x", "password ", " password"} {
		if _, fault := p.accept(word, ""); fault != "" {
			t.Errorf("accept(%q) = %q, want nothing", word, fault)
		}
	}
}

func TestListIsWholeAndSorted(t *testing.T) {
	if len(common)%digestWidth != 0 || len(common)/digestWidth < 3000 {
		t.Fatalf("the list has %d bytes, want %d for each of 3000 passwords or more", len(common), digestWidth)
	}
	for i := digestWidth; i < len(common); i += digestWidth {
		before, this := common[i-digestWidth:i], common[i:i+digestWidth]
		if strings.Compare(before, this) >= 0 {
			t.Fatalf("entry %d does not follow the one before", i/digestWidth)
		}
	}
}
