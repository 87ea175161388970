/* The entry point: makes the process safe, then hands over to the command line. */
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "harness/base/secret.h"
#include "harness/cmd/command_line.h"
#include "harness/cmd/exit.h"

/* Opens what the caller has closed of the standard descriptors, so that no file of ours takes their place. */
static int open_standard(void)
{
	int fd;
	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
	return fd;
}

int main(int argc, char **argv)
{
	if (open_standard() < 0)
		return EXIT_ENVIRONMENT;
	secret_protect_process();
	/* A peer that hangs up is an error of one write, and our children are waited for. */
	signal(SIGPIPE, SIG_IGN);
	/* A file that may not grow is an error of that write, which SQLite reports. */
	signal(SIGXFSZ, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	return command_main(argc, argv);
}
