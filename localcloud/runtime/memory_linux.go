package runtime

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// memoryInterval is how often a process's memory is looked at.
const memoryInterval = 250 * time.Millisecond

// watchMemory calls exceeded once when the resident memory of the process and
// its descendants is above limit, in bytes. It returns when the process ends.
func watchMemory(p *process, limit int64, exceeded func(used int64)) {
	ticker := time.NewTicker(memoryInterval)
	defer ticker.Stop()
	for {
		select {
		case <-p.over:
			return
		case <-ticker.C:
			if used := residentMemory(p.pid()); used > limit {
				exceeded(used)
				return
			}
		}
	}
}

// residentMemory adds up a process tree's resident pages. Shared pages count
// once per process, which is too much by little for static programs.
func residentMemory(pid int) int64 {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0 // it has just ended
	}
	var total int64
	if fields := strings.Fields(string(content)); len(fields) > 1 {
		pages, _ := strconv.ParseInt(fields[1], 10, 64)
		total = pages * int64(os.Getpagesize())
	}
	tasks, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	if err != nil {
		return total
	}
	for _, task := range tasks {
		children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/children", pid, task.Name()))
		if err != nil {
			continue
		}
		for _, child := range strings.Fields(string(children)) {
			if id, err := strconv.Atoi(child); err == nil {
				total += residentMemory(id)
			}
		}
	}
	return total
}
