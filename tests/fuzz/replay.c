/* Runs a fuzz target over its stored corpus: the folder tests/fuzz/corpus/NAME of the source tree, where the program is
 * called fuzz_NAME, or the files and folders named on the command line. Fails when there is nothing to run. */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t ran;

static int run_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	if (!f) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -1;
	}
	uint8_t *data = NULL;
	size_t len = 0, cap = 0, n = 1;
	while (n > 0) {
		if (len == cap) {
			cap = cap ? 2 * cap : 4096;
			data = realloc(data, cap);
			if (!data)
				abort();
		}
		n = fread(data + len, 1, cap - len, f);
		len += n;
	}
	fclose(f);
	/* An allocation of the exact size, so that the address sanitizer sees a read behind the end. */
	uint8_t *exact = malloc(len ? len : 1);
	if (!exact)
		abort();
	memcpy(exact, data, len);
	free(data);
	LLVMFuzzerTestOneInput(exact, len);
	free(exact);
	ran++;
	return 0;
}

static int run_path(const char *path)
{
	struct stat st;
	if (stat(path, &st) < 0) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -1;
	}
	if (!S_ISDIR(st.st_mode))
		return run_file(path);
	DIR *dir = opendir(path);
	if (!dir)
		return -1;
	int result = 0;
	for (struct dirent *e; (e = readdir(dir)) != NULL;) {
		char child[4096];
		if (e->d_name[0] == '.')
			continue;
		snprintf(child, sizeof(child), "%s/%s", path, e->d_name);
		if (run_file(child) < 0)
			result = -1;
	}
	closedir(dir);
	return result;
}

int main(int argc, char **argv)
{
	char corpus[4096];
	const char *top = getenv("top_srcdir"), *name = strstr(argv[0], "fuzz_");
	int result = 0;
	while (name && strstr(name + 1, "fuzz_"))
		name = strstr(name + 1, "fuzz_");
	if (argc > 1) {
		for (int i = 1; i < argc; i++)
			if (run_path(argv[i]) < 0)
				result = 1;
	} else {
		snprintf(corpus, sizeof(corpus), "%s/tests/fuzz/corpus/%s", top ? top : ".", name ? name + 5 : "");
		if (run_path(corpus) < 0)
			result = 1;
	}
	printf("%s: %zu inputs\n", argv[0], ran);
	return result || ran == 0;
}
