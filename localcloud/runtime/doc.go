// Package runtime turns a container image into a running process, without a
// container daemon.
//
// The image's layers are unpacked once per digest into a folder; the image's
// program is started from there with the environment a container would have:
// the image's variables, the given ones, and what the platform injects (the
// way to the local cloud and the resource principal). Nothing is inherited
// from the host's environment.
//
// # Differences from a container
//
// A process here is an ordinary process of the user who runs the local cloud:
//
//   - It runs as that user, not as the image's USER, and sees the host's file
//     system. Paths in the image's own configuration (entry point, working
//     directory, PATH, variables that name a path of the image) are
//     translated, and those of mounted volumes in the command line and the
//     variables; paths compiled into the program are not. /tmp is the host's,
//     so a private folder, or the volume mounted there, is given as TMPDIR.
//   - It shares the host's network. Callers give each process a free port.
//   - Only programs that need nothing but themselves can run: a dynamically
//     linked program would load the host's libraries in place of the image's
//     and is refused with an error that says so. A container instance finds
//     this machine's own ffmpeg and ffprobe last in PATH, where an image that
//     brings them hides them: images are built without a public base here, so
//     they cannot bring them. Without them on this machine they are not found,
//     which the program that wants them has to say.
//   - The unpacked image is shared by all processes of that image. Its files
//     are read-only (for every user but root); write to TMPDIR.
//   - The memory limit is watched on Linux (resident memory of the process and
//     its descendants, four times a second, SIGKILL when above), since without
//     a cgroup the kernel offers only limits on address space, which a Go
//     program reserves generously and does not use. A short peak between two
//     looks goes unseen. On other systems the limit is not enforced.
//   - Device nodes, FIFOs, ownership, set-user-ID bits and extended attributes
//     of the image are left out.
//
// On Linux processes die with the local cloud however it ends; elsewhere they
// are stopped by [Runtime.Close] only.
package runtime
