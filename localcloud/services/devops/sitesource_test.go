package devops_test

import (
	"errors"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// push commits files to a branch of the code repository with git, and returns the
// commit.
func (s *site) push(branch string, files map[string]string) string {
	s.t.Helper()
	dir := s.clone()
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		must(s.t, os.MkdirAll(dir, 0o700))
		s.git(dir, "init", "--quiet", "--initial-branch=main")
	}
	s.git(dir, "checkout", "--quiet", "-B", branch)
	for name, content := range files {
		must(s.t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700))
		must(s.t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	s.git(dir, "add", "--all")
	s.git(dir, "commit", "--quiet", "--allow-empty", "-m", "change")
	s.git(dir, "push", "--quiet", s.codeURL, branch)
	return strings.TrimSpace(s.git(dir, "rev-parse", "HEAD"))
}

func (s *site) git(dir string, args ...string) string {
	s.t.Helper()
	login := url.UserPassword(s.user, s.token).String()
	cmd := exec.CommandContext(s.t.Context(), "git", append([]string{"-c", "url.https://" + login + "@devops.insteadOf=https://devops"}, args...)...)
	cmd.Dir = dir
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0", "LC_ALL=C", "HTTPS_PROXY=" + s.endpoint.ProxyURL, "GIT_SSL_CAINFO=" + s.endpoint.CertFile,
		"GIT_AUTHOR_NAME=Ada", "GIT_AUTHOR_EMAIL=ada@example.com", "GIT_COMMITTER_NAME=Ada", "GIT_COMMITTER_EMAIL=ada@example.com",
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.t.Fatalf("git %s: %v\n%s", args[0], err, out)
	}
	return string(out)
}

// clone is the folder that push commits in.
func (s *site) clone() string { return filepath.Join(s.dir, "clone") }
