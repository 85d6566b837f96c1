package fdi_test

import (
	"fmt"
	"log"
	"net/http"

	"github.com/latchkey-auth/latchkey/sessions/fdi"
)

// What a request says of its tokens, and how its page is told that the session
// is over. Package latchkey has an example of a sign-in.
func Example() {
	protocol, err := fdi.New(fdi.Config{Secure: true, Origins: []string{"https://app.example.com"}})
	if err != nil {
		log.Fatal(err)
	}
	r, err := http.NewRequest(http.MethodPost, "https://api.example.com/auth/signout", nil)
	if err != nil {
		log.Fatal(err)
	}
	r.Header.Set("Cookie", "theme=dark; sAccessToken=aaa.bbb.ccc")
	r.Header.Set("Origin", "https://app.example.com")
	r.Header.Set("Rid", "session")

	request := fdi.NewRequest(r.Header.Values, nil)
	tokens, err := request.AccessTokens()
	if err != nil {
		log.Fatal(err)
	}
	candidates, via := tokens.Candidates()
	fmt.Println(candidates, via)
	fmt.Println("this page may ask:", protocol.CheckCSRF(request))

	reply := protocol.Clear(request, false)
	fmt.Println(reply.Headers[fdi.FrontTokenHeader])
	fmt.Println(reply.Cookies[0])
	// Output:
	// [aaa.bbb.ccc] cookie
	// this page may ask: <nil>
	// remove
	// sAccessToken=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; HttpOnly; Secure; SameSite=Lax
}
