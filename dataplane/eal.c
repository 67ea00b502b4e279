#include "dataplane/eal.h"

#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_errno.h>

#include "dataplane/eal_init.h"

static enum result __attribute__((format(printf, 2, 3)))
word_add(struct eal_words *words, const char *format, ...)
{
	va_list arguments;
	int written;

	if (words->count >= EAL_WORDS_MAX - 1)
		return RESULT_SPACE;
	va_start(arguments, format);
	written = vasprintf(&words->word[words->count], format, arguments);
	va_end(arguments);
	if (written < 0) {
		words->word[words->count] = NULL;
		return RESULT_MEMORY;
	}
	words->count++;
	return RESULT_OK;
}

void eal_words_free(struct eal_words *words)
{
	for (int i = 0; i < words->count; i++)
		free(words->word[i]);
	*words = (struct eal_words){0};
}

/* "0@(0,1),1@(0,1)": every lcore on any CPU that we may run on. */
static enum result cores_float(const struct configuration *configuration, char *text, size_t size)
{
	char cpus[1024] = "";
	cpu_set_t set;
	size_t used = 0;

	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		return RESULT_IO;
	for (int cpu = 0; cpu < CPU_SETSIZE && used < sizeof(cpus) - 8; cpu++)
		if (CPU_ISSET((size_t)cpu, &set))
			used += (size_t)snprintf(cpus + used, sizeof(cpus) - used, "%s%d",
						 used ? "," : "", cpu);
	used = 0;
	for (unsigned i = 0; i <= configuration->workers; i++) {
		int more = snprintf(text + used, size - used, "%s%u@(%s)", i ? "," : "", i, cpus);

		if (more < 0 || (size_t)more >= size - used)
			return RESULT_SPACE;
		used += (size_t)more;
	}
	return RESULT_OK;
}

static enum result cores_fixed(const struct configuration *configuration, char *text, size_t size)
{
	size_t used = 0;

	for (unsigned i = 0; i < configuration->core_count; i++) {
		int more = snprintf(text + used, size - used, "%s%u@%u", i ? "," : "", i,
				    configuration->cores[i]);

		if (more < 0 || (size_t)more >= size - used)
			return RESULT_SPACE;
		used += (size_t)more;
	}
	return RESULT_OK;
}

static enum result words_of_cores(const struct configuration *configuration,
				  struct eal_words *words)
{
	char text[65536];
	enum result result = configuration->core_count
				     ? cores_fixed(configuration, text, sizeof(text))
				     : cores_float(configuration, text, sizeof(text));

	if (result != RESULT_OK)
		return result;
	return word_add(words, "--lcores=%s", text);
}

static enum result words_of_memory(const struct configuration *configuration,
				   struct eal_words *words)
{
	static const char *const without_huge[] = {"--no-huge", "--no-shconf"};
	enum result result = word_add(words, "-m%u", configuration->memory_mb);

	if (result == RESULT_OK && configuration->is_huge)
		return word_add(words, "--in-memory");
	for (size_t i = 0; result == RESULT_OK && i < 2; i++)
		result = word_add(words, "%s", without_huge[i]);
	return result;
}

static enum result words_of_ports(const struct configuration *configuration,
				  struct eal_words *words)
{
	enum result result = RESULT_OK;
	bool has_pci = false;

	for (unsigned i = 0; result == RESULT_OK && i < configuration->port_count; i++) {
		const struct configuration_port *port = &configuration->ports[i];

		result = word_add(words, "%s=%s", port->is_vdev ? "--vdev" : "--allow",
				  port->device);
		has_pci = has_pci || !port->is_vdev;
	}
	if (result == RESULT_OK && !has_pci)
		result = word_add(words, "--no-pci");
	return result;
}

static enum result words_fill(const struct configuration *configuration, struct eal_words *words)
{
	static const char *const always[] = {"sekisho-dataplane", "--no-telemetry",
					     "--log-level=notice"};
	enum result result = RESULT_OK;

	for (size_t i = 0; result == RESULT_OK && i < sizeof(always) / sizeof(always[0]); i++)
		result = word_add(words, "%s", always[i]);
	if (result == RESULT_OK)
		result = word_add(words, "--file-prefix=%s", configuration->file_prefix);
	if (result == RESULT_OK)
		result = words_of_cores(configuration, words);
	if (result == RESULT_OK)
		result = words_of_memory(configuration, words);
	if (result == RESULT_OK)
		result = words_of_ports(configuration, words);
	for (unsigned i = 0; result == RESULT_OK && i < configuration->argument_count; i++)
		result = word_add(words, "%s", configuration->arguments[i]);
	return result;
}

enum result eal_words_make(const struct configuration *configuration, struct eal_words *words)
{
	enum result result;

	*words = (struct eal_words){0};
	result = words_fill(configuration, words);
	if (result != RESULT_OK)
		eal_words_free(words);
	return result;
}

enum result eal_start(const struct configuration *configuration)
{
	char *word[EAL_WORDS_MAX];
	struct eal_words words;
	enum result result = eal_words_make(configuration, &words);
	int used;

	if (result != RESULT_OK)
		return result;
	/* EAL moves the pointers about: it gets a copy of the vector. */
	memcpy(word, words.word, sizeof(word));
	used = eal_init(words.count, word);
	if (used < 0)
		fprintf(stderr, "DPDK does not start: %s\n", rte_strerror(rte_errno));
	eal_words_free(&words);
	return used < 0 ? RESULT_IO : RESULT_OK;
}

void eal_end(void)
{
	rte_eal_cleanup();
}
