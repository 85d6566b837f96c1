//go:build dynamodb

package lambda_test

import "testing"

// testUsers makes a backend add a user with the hash of other software. The
// user signs in, gets another address and is deleted.
func (s *stack) testUsers(t *testing.T) {
	// The hash is of the password below, by Python's bcrypt 5.0.
	const hash = "$2b$04$HcduiZfAYkmoaimwoBY/We108aHraUNhlLN5AxcAGpthtnnbV6V7i"
	c, admin := s.client(t), s.backend(t)
	body := `{"userId":"brought","email":"brought@example.com","passwordHash":"` + hash + `","verified":true,"timeJoined":1}`
	admin.Post("/admin/users", body).Want(201)
	admin.Post("/admin/users", body).Want(200)
	admin.Post("/admin/users", `{"userId":"brought","email":"other@example.com"}`).Want(409).Saying("user_exists")
	admin.Get("/admin/users?limit=100").Want(200).Saying("brought@example.com")
	c.Post("/auth/signin", s.form("brought@example.com", "correct horse battery staple")).Want(200).Saying(`"status":"OK"`)
	admin.Do("PATCH", "/admin/users/brought", `{"email":"moved@example.com"}`).Want(200).Saying(`"verified":false`)
	admin.Get("/admin/users?email=moved@example.com").Want(200).Saying(`"hasPassword":true`)
	admin.Do("DELETE", "/admin/users/brought", "").Want(200)
	admin.Get("/admin/users/brought").Want(200).Saying(`"account":null`)
	c.Post("/auth/signin", s.form("moved@example.com", "correct horse battery staple")).Want(200).Saying("WRONG_CREDENTIALS_ERROR")
}
