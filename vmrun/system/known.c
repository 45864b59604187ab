/* SPDX-License-Identifier: MIT */
#include "vmrun/system/known.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Linux stamps files with the time of its last tick, at most 10 ms old. */
#define SETTLED_SECONDS 0.1

struct entry {
	struct entry *next;
	struct known about;
	char *question, *answer;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct entry *entries;

static bool same_file(const struct known *a, const struct known *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size &&
	       a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}

/* The entry for this question about this path, whatever file was there; NULL. */
static struct entry *entry_of(const struct known *known)
{
	struct entry *entry = entries;

	while (entry && (strcmp(entry->question, known->question) != 0 ||
	                 strcmp(entry->about.path, known->path) != 0))
		entry = entry->next;
	return entry;
}

static bool is_settled(const struct known *known)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (double)(now.tv_sec - known->changed.tv_sec) +
	               (double)(now.tv_nsec - known->changed.tv_nsec) / 1e9 >
	       SETTLED_SECONDS;
}

char *known_find(struct known *known, const char *question, const char *path)
{
	const struct entry *entry;
	char *answer = NULL;
	struct stat st;

	memset(known, 0, sizeof(*known));
	known->question = question;
	if (snprintf(known->path, sizeof(known->path), "%s", path) >= (int)sizeof(known->path) ||
	    stat(path, &st) != 0)
		return NULL;
	known->there = true;
	known->device = st.st_dev;
	known->inode = st.st_ino;
	known->size = st.st_size;
	known->changed = st.st_ctim;
	known->settled = is_settled(known);
	pthread_mutex_lock(&lock);
	entry = entry_of(known);
	if (entry && same_file(&entry->about, known))
		answer = strdup(entry->answer);
	pthread_mutex_unlock(&lock);
	return answer;
}

static struct entry *new_entry(const struct known *known)
{
	struct entry *entry = calloc(1, sizeof(*entry));

	if (!entry)
		return NULL;
	entry->question = strdup(known->question);
	if (!entry->question) {
		free(entry);
		return NULL;
	}
	entry->next = entries;
	entries = entry;
	return entry;
}

void known_keep(const struct known *known, const char *answer)
{
	struct entry *entry;
	char *copy;

	if (!known->there || !known->settled)
		return;
	copy = strdup(answer);
	if (!copy)
		return;
	pthread_mutex_lock(&lock);
	entry = entry_of(known);
	if (!entry)
		entry = new_entry(known);
	if (entry) {
		free(entry->answer);
		entry->answer = copy;
		entry->about = *known;
		entry->about.question = entry->question;
	} else {
		free(copy);
	}
	pthread_mutex_unlock(&lock);
}
