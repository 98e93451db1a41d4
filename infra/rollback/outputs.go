package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// pipelineOf finds a function's deployment pipeline among a stack's outputs.
func pipelineOf(outputs io.Reader, function string) (string, error) {
	var stack struct {
		DeployPipelineIDs map[string]string `json:"deployPipelineIds"`
	}
	if err := json.NewDecoder(outputs).Decode(&stack); err != nil {
		return "", fmt.Errorf("reading the stack's outputs from standard input (pulumi stack output --json): %w", err)
	}
	if len(stack.DeployPipelineIDs) == 0 {
		return "", errors.New("the stack has no deployPipelineIds: nothing is delivered there; deploy it with delivery.enabled set to true first")
	}
	id, ok := stack.DeployPipelineIDs[function]
	if !ok {
		return "", fmt.Errorf("the stack delivers no function %q; there are: %s", function, strings.Join(slices.Sorted(maps.Keys(stack.DeployPipelineIDs)), ", "))
	}
	return id, nil
}
