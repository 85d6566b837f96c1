package hashing_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/accounts/hashing"
)

// Made by the reference implementation in C, through argon2-cffi 25.1.
const (
	horse     = "correct horse battery staple"
	horseHash = "$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$gYJZtjEAJqjg26xdLmknq8/bB7MiWPrE9hsYuA+SkIU"
)

// small keeps the tests quick where parameters do not matter.
func small() hashing.Hasher {
	return hashing.New(accounts.Argon2id{Memory: 64, Passes: 1, Lanes: 1})
}

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
			got, err := small().Verify(t.Context(), vector.hash, password)
			if got != want || err != nil {
				t.Errorf("Verify(%.50s, %.30q) = %t, %v, want %t", string(vector.hash), password, got, err, want)
			}
		}
	}
}

// TestArgon2idHashes: each hash has a salt of its own and says its parameters,
// and the decoy looks like one and is nobody's.
func TestArgon2idHashes(t *testing.T) {
	h := hashing.Default()
	if want := (accounts.Argon2id{Memory: 19 * 1024, Passes: 2, Lanes: 1}); h.Argon2id != want {
		t.Errorf("Default = %+v, want %+v", h, want)
	}
	one, err := small().Hash(t.Context(), horse)
	other, otherErr := small().Hash(t.Context(), horse)
	if one == other || err != nil || otherErr != nil {
		t.Errorf("two hashes of one password = %s, %v and %s, %v, want a salt for each", string(one), err, string(other), otherErr)
	}
	for hash, current := range map[accounts.Secret]bool{
		one: false, other: false, small().Decoy(): false, h.Decoy(): true, horseHash: true, "": false,
		"$argon2id$v=19$m=19456,t=2,p=2$AAECAwQFBgcICQoLDA0ODw$gYJZtjEAJqjg26xdLmknq8/bB7MiWPrE9hsYuA+SkIU": false,
		"$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBgc$gYJZtjEAJqjg26xdLmknq8/bB7MiWPrE9hsYuA+SkIU":            false,
		"$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$gYJZtjEAJqjg26xdLmknqw":                      false,
	} {
		if got := h.Current(hash, horse); got != current {
			t.Errorf("Current(%.40s) = %t, want %t", string(hash), got, current)
		}
	}
	for _, hash := range []accounts.Secret{one, other, small().Decoy()} {
		ok, err := h.Verify(t.Context(), hash, horse)
		if ok != (hash != small().Decoy()) || err != nil || !strings.HasPrefix(string(hash), "$argon2id$v=19$m=64,t=1,p=1$") || len(hash) != len(one) {
			t.Errorf("Verify(%.40s) = %t, %v", string(hash), ok, err)
		}
	}
	for _, password := range []string{"", "password", strings.Repeat("\x00", 32)} {
		if ok, err := small().Verify(t.Context(), small().Decoy(), password); ok || err != nil {
			t.Errorf("Verify(decoy, %q) = %t, %v, want false", password, ok, err)
		}
	}
}

// changes are what makes no hash of a good one, of argon2id and of bcrypt.
func changes() map[accounts.Secret]map[string][2]string {
	return map[accounts.Secret]map[string][2]string{horseHash: {
		"another function":               {"argon2id", "argon2i"},
		"another version":                {"v=19", "v=16"},
		"no version":                     {"$v=19", ""},
		"too much memory":                {"m=19456", "m=131073"},
		"memory beyond 32 bits":          {"m=19456", "m=4294967360"},
		"too little memory":              {"m=19456", "m=7"},
		"no passes":                      {"t=2", "t=0"},
		"too many passes":                {"t=2", "t=11"},
		"no lanes":                       {"p=1", "p=0"},
		"too many lanes":                 {"p=1", "p=5"},
		"lanes beyond 8 bits":            {"p=1", "p=257"},
		"a negative number":              {"t=2", "t=-2"},
		"a number spelled long":          {"t=2", "t=02"},
		"a parameter more":               {"p=1", "p=1,keyid=x"},
		"a parameter less":               {",p=1", ""},
		"another order":                  {"m=19456,t=2", "t=2,m=19456"},
		"lanes twice":                    {"t=2,p=1", "p=1,p=1"},
		"a long number of another order": {"m=19456,t=2,p=1", "m=19456,p=1,t=02"},
		"a short salt":                   {"AAECAwQFBgcICQoLDA0ODw", "AAECAwQFBg"},
		"a long salt":                    {"AAECAwQFBgcICQoLDA0ODw", strings.Repeat("AAECAwQF", 11)},
		"a salt of no base64":            {"AAEC", "AA*C"},
		"padding":                        {"0ODw", "0ODw=="},
		"loose bits":                     {"0ODw", "0ODx"},
		"a line feed":                    {"0ODw", "0ODw\n"},
		"a short key":                    {"gYJZtjEAJqjg26xdLmknq8/bB7MiWPrE9hsYuA+SkIU", "gYJZtjEAJqjg26xdLmkn"},
		"a part more":                    {"+SkIU", "+SkIU$"},
		"white space":                    {"$argon2id", " $argon2id"},
		"nothing":                        {horseHash, ""},
	}, foreign()[0]: {
		"another function": {"$2b", "$2x"}, "no version": {"$2b", "$2"}, "an older version": {"$2b", "$1b"},
		"too little cost": {"$11", "$03"}, "too much cost": {"$11", "$15"}, "cost of one digit": {"$11", "$4"}, "no number": {"$11", "$1x"},
		"a character less": {"9Iyl", "9Iy"}, "a character more": {"9Iyl", "9Iylx"}, "no base64": {"9Iyl", "9I=l"},
		"a line feed": {"4h6", "4h6\n"}, "white space": {"$2b", " $2b"},
	}}
}

func TestDamagedHashes(t *testing.T) {
	for good, damages := range changes() {
		for name, change := range damages {
			damaged := accounts.Secret(strings.Replace(string(good), change[0], change[1], 1))
			ok, err := small().Verify(t.Context(), damaged, horse)
			if damaged == good || ok || !errors.Is(err, accounts.ErrCorrupt) || accounts.IsHash(damaged) || hashing.Default().Current(damaged, horse) {
				t.Errorf("Verify(%.9s, %s) = %t, %v, IsHash = %t, want %v", string(good), name, ok, err, accounts.IsHash(damaged), accounts.ErrCorrupt)
			}
		}
	}
}

// Hashes that other software made of horse, or of what the row says: bcrypt 5.0
// and argon2-cffi 25.1 of Python, bcryptjs 3.0 and argon2 0.44 of Node. The third
// of argon2id is of the parameters that SuperTokens has.
const (
	bcryptOfNFD = "$2b$04$.wGk8WwS.YUFzyLVS4tr0eBOMFtEn5g.TOidpCzO/9WS0tKeUs6OW"
	argonOfNFD  = "$argon2id$v=19$m=64,t=1,p=1$1zqj13gmaO6lq/otk+qbbw$8wapQFYcYMMBm1oMHOpYXyx+66izXv/HYcZkkLm+sNI"
	bcryptOf72x = "$2b$04$nW9sjCsN4.RP1DPXS.zyi.TlF1LfSrF3SdfHzILVtZwvp2x/z9qnW"
)

func foreign() []accounts.Secret {
	return []accounts.Secret{
		"$2b$11$9IylFgbssEncJ1WSDvIoPuCLuTVDb39F3mW.7CX2TzTwzA26uL4h6",
		"$2a$04$HcduiZfAYkmoaimwoBY/We108aHraUNhlLN5AxcAGpthtnnbV6V7i",
		"$2y$04$HcduiZfAYkmoaimwoBY/We108aHraUNhlLN5AxcAGpthtnnbV6V7i", // PHP's name of the same
		"$2b$05$3h7486gL3anfiaCMbj4p5eqFWHJ5/Fq6xv5wtNMNcG9s86dtbNz9C",
		"$argon2id$v=19$m=65536,t=3,p=4$bgcdkAg9KsXIvfUiRItrzg$DFSKKq/sqdF+NhHF7zw6DkKYu4fein43LXNsPDVnU2s",
		"$argon2id$v=19$m=1024,p=3,t=2$+T3mE7jVx2sYtr+ZnAR/2Q$zqVg7VhVu9ZMbRdW2XfWmWbdaXcxlJQ+o3LNHR/V2Jk",
		"$argon2id$v=19$m=87795,t=1,p=2$DHLk9QMTclNby6M/L2Oapg$nG51I3vRoSkPbC1dXl1m3Xg5f6ejkvqOLYlIv6QIYsE",
		"$argon2id$v=19$m=512,t=2,p=2$4B6EmCUbLl5S1LqXKVazxg$dnR31zLv94nS2W2kkUNm4Q",
	}
}

func TestHashesOfOthers(t *testing.T) {
	for _, hash := range foreign() {
		for password, want := range map[string]bool{horse: true, horse + "x": false} {
			if ok, err := small().Verify(t.Context(), hash, password); ok != want || err != nil || !accounts.IsHash(hash) {
				t.Errorf("Verify(%.35s, %s) = %t, %v, want %t", string(hash), password, ok, err, want)
			}
		}
		if small().Current(hash, horse) || hashing.Default().Current(hash, horse) {
			t.Errorf("Current(%.35s) = true, want it replaced", string(hash))
		}
	}
}

// world is Accounts with the hasher in force, and one user who has that hash.
func world(t *testing.T, hash accounts.Secret) (*accounts.Accounts, accounts.Store) {
	t.Helper()
	store := accounts.NewMemory()
	a, err := accounts.New(accounts.Config{Store: store, MinPassword: 8, PerSource: 100, Hasher: hashing.Default()})
	if err != nil {
		t.Fatal(err)
	}
	u := accounts.User{ID: "id", Tenant: "public", Email: "ada@example.com", Hash: hash, Joined: time.UnixMilli(1)}
	if err := store.Create(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	return a, store
}

func form(password string) accounts.Credentials {
	return accounts.Credentials{Tenant: "public", Email: "ada@example.com", Password: accounts.Secret(password), Source: "192.0.2.1"}
}

// The first sign-in replaces a hash of others by one of the parameters in
// force, also where others hashed the password in the form it was typed. A
// password of which the hash leaves out a part keeps it.
func TestFirstSignIn(t *testing.T) {
	const composed, decomposed = "caf\u00e9 au lait", "cafe\u0301 au lait"
	long := strings.Repeat("x", 72)
	for _, test := range []struct {
		name, password string
		hash           accounts.Secret
		want           error
		then           map[string]error // what signs in afterwards
	}{
		{"argon2id", horse, foreign()[5], nil, map[string]error{horse: nil, horse + "x": accounts.ErrCredentials}},
		{"bcrypt", horse, foreign()[1], nil, map[string]error{horse: nil, horse + "x": accounts.ErrCredentials}},
		{"bcrypt, as typed", decomposed, bcryptOfNFD, nil, map[string]error{composed: nil, decomposed: nil}},
		{"argon2id, as typed", decomposed, argonOfNFD, nil, map[string]error{composed: nil, decomposed: nil}},
		{"typed in another way", composed, bcryptOfNFD, accounts.ErrCredentials, map[string]error{decomposed: nil}},
		{"all that bcrypt reads", long, bcryptOf72x, nil, map[string]error{long: nil, long + "y": accounts.ErrCredentials}},
		{"more than bcrypt reads", long + "a slip", bcryptOf72x, nil, map[string]error{long + "what was meant": nil}},
		{"no password", horse, "", accounts.ErrCredentials, nil},
	} {
		a, store := world(t, test.hash)
		_, err := a.SignIn(t.Context(), form(test.password), nil)
		u, _ := store.ByID(t.Context(), "public", "id")
		stays := test.want != nil || strings.HasSuffix(test.password, "slip")
		if !errors.Is(err, test.want) || stays != (u.Hash == test.hash) || !stays && !hashing.Default().Current(u.Hash, "") {
			t.Errorf("%s: SignIn = %v, want %v, and the hash to stay: %t", test.name, err, test.want, stays)
		}
		for password, want := range test.then {
			if _, err := a.SignIn(t.Context(), form(password), nil); !errors.Is(err, want) {
				t.Errorf("%s: SignIn with %.20q afterwards = %v, want %v", test.name, password, err, want)
			}
		}
	}
}
