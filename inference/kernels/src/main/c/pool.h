/* The one pool of compute threads of this process. */
#ifndef HEADRACE_POOL_H
#define HEADRACE_POOL_H

enum { HR_MOST_THREADS = 256 };

/* Does one task of a region; workers are numbered from 0, the caller. */
typedef void (*hr_work)(void *context, int task, int worker);

/*
 * Does all tasks and returns: the caller and up to `threads` - 1 others take them one by one, so
 * that a thread that gets no core delays nobody. Where another caller has the threads, this one
 * does all by itself. What a task computes may not depend on who does it.
 */
void hr_pool_run(int threads, int tasks, hr_work work, void *context);

#endif
