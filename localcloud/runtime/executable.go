package runtime

import (
	"bufio"
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// checkExecutable makes sure that the program will run as the image means it
// to. A script is started through the interpreter of the image, for the kernel
// would take the host's; a program that needs a loader and libraries of the
// image is refused, for it would get the host's.
func (c *command) checkExecutable(image tree) error {
	if within, err := filepath.Rel(image.top, c.file); err != nil || !filepath.IsLocal(within) {
		return nil // a borrowed program of this machine
	}
	for range 4 { // as many scripts in a row as Linux follows
		if !isExecutable(c.file) {
			return errors.New("permission denied: not an executable file")
		}
		line, err := shebang(c.file)
		if err != nil {
			return err
		}
		if line == "" {
			return checkStatic(c.file)
		}
		interpreter, argument, _ := strings.Cut(line, " ")
		host, err := image.locate(interpreter)
		if err != nil {
			return fmt.Errorf("its interpreter %s is not in the image: %w", interpreter, err)
		}
		args := []string{interpreter}
		if argument = strings.TrimSpace(argument); argument != "" {
			args = append(args, argument)
		}
		c.args = append(append(args, c.file), c.args[1:]...)
		c.file = host
	}
	return errors.New("too many interpreters in a row")
}

// shebang returns what follows "#!" in the first line, or "".
func shebang(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	r := bufio.NewReaderSize(f, 256)
	if magic, _ := r.Peek(2); string(magic) != "#!" {
		return "", nil
	}
	line, _, err := r.ReadLine()
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(string(line[2:])), nil
}

func checkStatic(file string) error {
	program, err := elf.Open(file)
	if err != nil {
		return nil // not ELF: other systems' formats are theirs to judge at the start
	}
	defer program.Close()
	for _, p := range program.Progs {
		if p.Type == elf.PT_INTERP {
			return errors.New("it is dynamically linked; the local cloud starts it without a container, " +
				"so it would load this machine's libraries in place of the image's: build it static (CGO_ENABLED=0)")
		}
	}
	return nil
}
