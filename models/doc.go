// Package models wires the models of clients, address translation, balancer
// and servers onto one engine. A World is one replication of one variant of a
// scenario:
//
//	w, err := models.New(config, seed, replication, observer)
//	err = w.Run(20 * time.Minute)
//
// It is the interface for programs that use lbsim as a library; package
// scenarios builds a Config from a file.
package models
