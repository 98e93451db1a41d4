package git

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Login is what another Git server asks for.
type Login struct{ Name, Password string }

// loginHelper answers git's question for a login from the environment, where other
// users of the machine cannot see it (gitcredentials(7)).
const loginHelper = `!f() { test "$1" = get && printf 'username=%s\npassword=%s\n' "$LOCALCLOUD_GIT_NAME" "$LOCALCLOUD_GIT_PASSWORD"; }; f`

// Mirror makes branches and tags those of the repository at a URL, and returns what
// has changed. A nil login is none.
func (r *Repositories) Mirror(ctx context.Context, id, url string, login *Login) ([]Update, error) {
	env := []string{"GIT_CONFIG_COUNT=0"}
	if login != nil {
		env = []string{
			"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=credential.helper", "GIT_CONFIG_VALUE_0=" + loginHelper,
			"LOCALCLOUD_GIT_NAME=" + login.Name, "LOCALCLOUD_GIT_PASSWORD=" + login.Password,
		}
	}
	unlock := r.lock(id)
	defer unlock()
	before, err := r.objects(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("mirror %s: %w", url, err)
	}
	fetch := []string{"fetch", "--quiet", "--prune", "--no-write-fetch-head", "--no-recurse-submodules", "--", url, "+" + Branches + "*:" + Branches + "*", "+" + Tags + "*:" + Tags + "*"}
	if _, err := r.run(ctx, command{id: id, args: fetch, env: env}); err != nil {
		return nil, fmt.Errorf("mirror %s: %w", url, explain(err))
	}
	after, err := r.objects(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("mirror %s: %w", url, err)
	}
	if len(before) == 0 {
		if err := r.beginAsThere(ctx, id, url, env, after); err != nil {
			return nil, fmt.Errorf("mirror %s: %w", url, explain(err))
		}
	}
	return difference(before, after), nil
}

// beginAsThere lets clones of a new mirror begin with the branch that clones of the
// original begin with.
func (r *Repositories) beginAsThere(ctx context.Context, id, url string, env []string, refs map[string]string) error {
	head, err := r.run(ctx, command{args: []string{"ls-remote", "--symref", "--", url, "HEAD"}, env: env})
	if err != nil {
		return err
	}
	if branch, ok := symbolic(string(head)); ok && refs[branch] != "" {
		return r.SetHead(ctx, id, branch)
	}
	return nil
}

// symbolic reads "ref: refs/heads/main\tHEAD".
func symbolic(answer string) (branch string, ok bool) {
	for line := range strings.Lines(answer) {
		if rest, found := strings.CutPrefix(line, "ref: "); found {
			branch, _, _ = strings.Cut(rest, "\t")
			return branch, strings.HasPrefix(branch, Branches)
		}
	}
	return "", false
}

// ErrLogin means that another Git server has refused a login, or asks for one.
var ErrLogin = errors.New("the Git server refuses the login")

// explain names the one failure that its user can do something about.
func explain(err error) error {
	for _, words := range []string{"Authentication failed", "could not read Username", "could not read Password"} {
		if strings.Contains(err.Error(), words) {
			return fmt.Errorf("%w: %w", ErrLogin, err)
		}
	}
	return err
}
