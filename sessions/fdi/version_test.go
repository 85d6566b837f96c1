package fdi_test

import (
	"testing"

	"github.com/latchkey-auth/latchkey/sessions/fdi"
)

func TestVersion(t *testing.T) {
	for header, want := range map[string]fdi.UserShape{
		"":                       fdi.NewUser,
		"1.16":                   fdi.OldUser,
		"1.17":                   fdi.OldUser,
		"1.18":                   fdi.NewUser,
		"1.19":                   fdi.NewUser,
		"1.100":                  fdi.NewUser,
		"2.0":                    fdi.OldUser,
		"3.0":                    fdi.NewUser,
		"4.2":                    fdi.NewUser,
		"9.9":                    fdi.NewUser,
		"1.16,1.17":              fdi.OldUser,
		"1.17,1.18,1.19":         fdi.NewUser,
		"1.19,2.0":               fdi.OldUser,
		"2.0, 1.19":              fdi.OldUser,
		"1.16,1.17,2.0,3.0,4.1":  fdi.NewUser,
		"4.1 , 1.17":             fdi.NewUser,
		"nonsense":               fdi.NewUser,
		"nonsense,1.17":          fdi.OldUser,
		"2":                      fdi.NewUser,
		"2.-1":                   fdi.NewUser,
		"2.":                     fdi.NewUser,
		"0.1":                    fdi.OldUser,
		"1.18,1.17":              fdi.NewUser,
		"2.0000":                 fdi.NewUser,
		"0002.0":                 fdi.NewUser,
		"99999999999999999999.0": fdi.NewUser,
	} {
		if got := fdi.Version(header); got != want {
			t.Errorf("Version(%q) = %v, want %v", header, got, want)
		}
	}
}
