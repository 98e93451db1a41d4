// Command hello is the smallest that an image can be made of.
package main

func main() { println("hello") }
