package accounts_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/internal/accounts"
)

// Made by the reference implementation in C, through argon2-cffi 25.1.
const (
	horse     = "correct horse battery staple"
	horseHash = "$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$gYJZtjEAJqjg26xdLmknq8/bB7MiWPrE9hsYuA+SkIU"
)

// small keeps the tests quick where parameters do not matter.
func small() accounts.Argon2id { return accounts.Argon2id{Memory: 64, Passes: 1, Lanes: 1} }

func TestArgon2idVectors(t *testing.T) {
	for _, vector := range []struct {
		password string
		hash     accounts.Secret
	}{
		{horse, horseHash},
		{"nine wh\u00efte owls", "$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$yOxR8NF3oYOFNMzdW+bmePn6wZf4L89BHDhQgFHS1jU"},
		{horse, "$argon2id$v=19$m=8192,t=1,p=2$AAECAwQFBgcICQoLDA0ODw$UfjLa+aYqyVriNW8C+M66qqYM+z6MPZsm1/8VfYBK5E"},
		{strings.Repeat("x", 256), "$argon2id$v=19$m=64,t=3,p=4$AAECAwQFBgcICQoLDA0ODw$ovNPbxriDTxHmwXZg63jJ04KJy4wpn7qtcs3UIg3Pbc"},
	} {
		for password, want := range map[string]bool{vector.password: true, vector.password + "x": false, "": false} {
			got, err := small().Verify(vector.hash, password)
			if got != want || err != nil {
				t.Errorf("Verify(%.50s, %.30q) = %t, %v, want %t", string(vector.hash), password, got, err, want)
			}
		}
	}
}

// TestArgon2idHashes: each hash has a salt of its own and says its parameters,
// and the decoy looks like one and is nobody's.
func TestArgon2idHashes(t *testing.T) {
	h := accounts.DefaultArgon2id()
	if want := (accounts.Argon2id{Memory: 19 * 1024, Passes: 2, Lanes: 1}); h != want {
		t.Errorf("DefaultArgon2id = %+v, want %+v", h, want)
	}
	one, other := small().Hash(horse), small().Hash(horse)
	if one == other {
		t.Error("two hashes of one password are the same, want a salt for each")
	}
	for hash, current := range map[accounts.Secret]bool{
		one: false, other: false, small().Decoy(): false, h.Decoy(): true, horseHash: true, "": false,
		"$argon2id$v=19$m=19456,t=2,p=2$AAECAwQFBgcICQoLDA0ODw$gYJZtjEAJqjg26xdLmknq8/bB7MiWPrE9hsYuA+SkIU": false,
	} {
		if got := h.Current(hash); got != current {
			t.Errorf("Current(%.40s) = %t, want %t", string(hash), got, current)
		}
	}
	for _, hash := range []accounts.Secret{one, other, small().Decoy()} {
		ok, err := h.Verify(hash, horse)
		if ok != (hash != small().Decoy()) || err != nil || !strings.HasPrefix(string(hash), "$argon2id$v=19$m=64,t=1,p=1$") || len(hash) != len(one) {
			t.Errorf("Verify(%.40s) = %t, %v", string(hash), ok, err)
		}
	}
	for _, password := range []string{"", "password", strings.Repeat("\x00", 32)} {
		if ok, err := small().Verify(small().Decoy(), password); ok || err != nil {
			t.Errorf("Verify(decoy, %q) = %t, %v, want false", password, ok, err)
		}
	}
}

// Each row is one change of a good hash.
func TestArgon2idCorrupt(t *testing.T) {
	for name, change := range map[string][2]string{
		"another function":      {"argon2id", "argon2i"},
		"another version":       {"v=19", "v=16"},
		"no version":            {"$v=19", ""},
		"too much memory":       {"m=19456", "m=65537"},
		"memory beyond 32 bits": {"m=19456", "m=4294967360"},
		"too little memory":     {"m=19456", "m=7"},
		"no passes":             {"t=2", "t=0"},
		"too many passes":       {"t=2", "t=11"},
		"no lanes":              {"p=1", "p=0"},
		"too many lanes":        {"p=1", "p=5"},
		"lanes beyond 8 bits":   {"p=1", "p=257"},
		"a negative number":     {"t=2", "t=-2"},
		"a number spelled long": {"t=2", "t=02"},
		"a parameter more":      {"p=1", "p=1,keyid=x"},
		"a parameter less":      {",p=1", ""},
		"another order":         {"m=19456,t=2", "t=2,m=19456"},
		"a short salt":          {"AAECAwQF", "AAEC"},
		"a salt of no base64":   {"AAEC", "AA*C"},
		"padding":               {"0ODw", "0ODw=="},
		"loose bits":            {"0ODw", "0ODx"},
		"a line feed":           {"0ODw", "0ODw\n"},
		"a short key":           {"+SkIU", ""},
		"a part more":           {"+SkIU", "+SkIU$"},
		"white space":           {"$argon2id", " $argon2id"},
		"nothing":               {horseHash, ""},
	} {
		damaged := accounts.Secret(strings.Replace(horseHash, change[0], change[1], 1))
		if string(damaged) == horseHash {
			t.Fatalf("%s: the row changes nothing", name)
		}
		ok, err := small().Verify(damaged, horse)
		if ok || !errors.Is(err, accounts.ErrCorrupt) {
			t.Errorf("Verify(%s) = %t, %v, want %v", name, ok, err, accounts.ErrCorrupt)
		}
		if accounts.DefaultArgon2id().Current(damaged) {
			t.Errorf("Current(%s) = true, want false", name)
		}
	}
}

// The way of a password with the parameters in force, from end to end.
func TestArgon2idSignsIn(t *testing.T) {
	a, err := accounts.New(accounts.Config{Store: accounts.NewMemory(), MinPassword: 8, PerSource: 100})
	if err != nil {
		t.Fatalf("New = %v, want nil", err)
	}
	u, err := a.SignUp(t.Context(), credentials(ada, password))
	if err != nil || !strings.HasPrefix(string(u.Hash), "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatalf("SignUp = %v, with the hash %.31s", err, string(u.Hash))
	}
	for try, want := range map[accounts.Credentials]error{
		credentials(ada, password):         nil,
		credentials(ada, password+"!"):     accounts.ErrCredentials,
		credentials(nobody, "password123"): accounts.ErrCredentials,
	} {
		_, err := a.SignIn(t.Context(), try, nil)
		wantError(t, "SignIn", err, want)
	}
}
