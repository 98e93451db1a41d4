package deploy

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"oci-media-pipelines/localcloud/recovery"
)

// The engine notes in the stack's state what it is about to do, before it does it.
// Which of that was under way when a run ended in an unforeseen way, its last state
// does not always tell: the engine takes a lost answer for a refusal, and strikes the
// note out. So every state that a run writes is kept until the run has ended well.
const keepStates = "PULUMI_RETAIN_CHECKPOINTS"

// keptStates returns the files of the states that runs left which did not end well,
// oldest first.
func (d *Deployment) keptStates() ([]string, error) {
	// Their names are that of the stack's state and the time.
	return filepath.Glob(filepath.Join(d.options.State, "pulumi", ".pulumi", "stacks", projectName, d.options.Stack+".json.[0-9]*"))
}

// ended removes the states that a run has left, if it ended well.
func (d *Deployment) ended(failed error) error {
	if failed != nil {
		return failed
	}
	kept, err := d.keptStates()
	if err != nil {
		return err
	}
	for _, path := range kept {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove a former state of the stack: %w", err)
		}
	}
	return nil
}

// recover brings the stack's state in step with the cloud after a run that did not
// end well.
func (d *Deployment) recover(ctx context.Context) error {
	pending, err := d.pending()
	if err != nil || len(pending) == 0 {
		return err
	}
	exported, err := d.pulumi(ctx, nil, "stack", "export")
	if err != nil {
		return err
	}
	repaired, err := recovery.Repair(ctx, exported, pending, func(line string) { fmt.Fprintln(d.options.Progress, line) })
	if err != nil {
		return fmt.Errorf("recover stack %s from a run that was cut off: %w", d.options.Stack, err)
	}
	if _, err := d.pulumi(ctx, repaired, "stack", "import"); err != nil {
		return err
	}
	return d.ended(nil)
}

// pending collects what was under way at any time of the runs that did not end well.
func (d *Deployment) pending() ([]recovery.Operation, error) {
	kept, err := d.keptStates()
	if err != nil {
		return nil, err
	}
	var all []recovery.Operation
	seen := map[string]bool{}
	for _, path := range kept {
		if strings.HasSuffix(path, ".attrs") {
			continue
		}
		operations, err := readPending(path)
		if err != nil {
			return nil, fmt.Errorf("read a former state of the stack: %w", err)
		}
		for _, operation := range operations {
			raw, err := json.Marshal(operation)
			if err != nil {
				return nil, err
			}
			if !seen[string(raw)] {
				seen[string(raw)] = true
				all = append(all, operation)
			}
		}
	}
	return all, nil
}

func readPending(path string) ([]recovery.Operation, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var state struct {
		Checkpoint struct {
			Latest struct {
				Pending []recovery.Operation `json:"pending_operations"`
			} `json:"latest"`
		} `json:"checkpoint"`
	}
	decoder := json.NewDecoder(file)
	decoder.UseNumber()
	// The last file may be cut off like the run that wrote it: the state itself holds
	// what it would have said.
	if err := decoder.Decode(&state); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	return state.Checkpoint.Latest.Pending, nil
}

// pulumi runs a command of the CLI on the stack and returns what it prints. Nothing
// of it is kept in a file: states hold secrets, if only encrypted ones.
func (d *Deployment) pulumi(ctx context.Context, input []byte, arguments ...string) ([]byte, error) {
	work := d.stack.Workspace()
	var environment []string
	for name, value := range work.GetEnvVars() {
		environment = append(environment, name+"="+value)
	}
	arguments = append(arguments, "--stack", d.stack.Name())
	said, complained, _, err := work.PulumiCommand().Run(ctx, work.WorkDir(), bytes.NewReader(input), nil, nil, environment, arguments...)
	if err != nil {
		return nil, fmt.Errorf("pulumi %s: %w\n%s", strings.Join(arguments, " "), err, complained)
	}
	return []byte(said), nil
}
