package accounts

import _ "embed" // for the list

// common is a list of common passwords, made by the command in blocklist: the
// first digestWidth bytes of the SHA-256 of each in lower case, sorted. It is a
// variable only because go:embed requires one; nothing assigns to it.
//
//go:embed common.bin
var common string

// digestWidth is such that one uncommon password in sixty million is taken for
// a common one, at a third of the size of the list itself.
const digestWidth = 5
