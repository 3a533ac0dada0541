package main

import "flag"

var update = flag.Bool("update", false, "rewrite the golden files; look at the diff before you commit it")
