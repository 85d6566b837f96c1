package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/latchkey-auth/latchkey/backend"
)

// maxLine is the longest line in bytes: the most that the admin API takes.
const maxLine = 64 << 10

// wire is one line.
type wire struct {
	UserID   *string        `json:"userId"`
	Tenant   string         `json:"tenantId"`
	Email    string         `json:"email"`
	Hash     string         `json:"passwordHash"`
	Verified bool           `json:"verified"`
	Joined   *int64         `json:"timeJoined"`
	Claims   jsontext.Value `json:"claims"`
}

// read returns the user of a line, and the tenant that it names or "". It
// leaves checks to the admin API, except for what the API's client cannot send.
func read(line []byte) (tenant string, u backend.NewUser, err error) {
	var w wire
	if len(line) > maxLine {
		return "", u, errors.New("the line is longer than 64 KB")
	}
	if err := json.Unmarshal(line, &w, json.RejectUnknownMembers(true)); err != nil {
		return "", u, malformed(err)
	}
	u = backend.NewUser{Email: w.Email, PasswordHash: w.Hash, Verified: w.Verified}
	if w.UserID != nil {
		if u.ID = *w.UserID; u.ID == "" {
			return "", u, errors.New("userId is empty")
		}
	}
	if w.Joined != nil {
		if *w.Joined < 1 {
			return "", u, errors.New("timeJoined is not after the year 1969")
		}
		u.Joined = time.UnixMilli(*w.Joined)
	}
	if w.Claims != nil && w.Claims.Kind() != 'n' {
		u.Claims = w.Claims
	}
	return w.Tenant, u, nil
}

// malformed says what is wrong with a line. It quotes none of its values.
func malformed(err error) error {
	var semantic *json.SemanticError
	switch {
	case errors.As(err, &semantic) && errors.Is(err, json.ErrUnknownName):
		return fmt.Errorf("unknown member %s", semantic.JSONPointer)
	case errors.As(err, &semantic) && semantic.JSONPointer != "":
		return fmt.Errorf("%s is not what it must be", semantic.JSONPointer)
	}
	return errors.New("not one JSON object in UTF-8 with no name twice")
}
