/*
 * A region is open while its number stands in `open`. A thread that sees a number it has not seen
 * first counts itself in and then looks whether the region is still open; the caller first closes
 * it and then waits until nobody is in. So a thread that comes late finds a closed door, and what
 * describes a region changes only while nobody is in.
 */
#include "pool.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>

enum { SPINS = 4000, SPINS_BEFORE_YIELD = 2000 };

static struct {
    atomic_int busy;
    atomic_uint open;
    atomic_int inside;
    atomic_int next;
    atomic_int sleeping;
    unsigned regions;
    int started;
    int threads;
    int tasks;
    hr_work work;
    void *context;
    pthread_mutex_t mutex;
    pthread_cond_t opened;
} pool = {.mutex = PTHREAD_MUTEX_INITIALIZER, .opened = PTHREAD_COND_INITIALIZER};

static void rest(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

static void take_tasks(int worker) {
    int task;
    while ((task = atomic_fetch_add(&pool.next, 1)) < pool.tasks) {
        pool.work(pool.context, task, worker);
    }
}

static int is_news(unsigned open, unsigned seen) { return open != 0 && open != seen; }

/* Spins for a while, then sleeps. */
static unsigned wait_for_region(unsigned seen) {
    unsigned open = 0;
    for (int i = 0; i < SPINS; i++) {
        open = atomic_load_explicit(&pool.open, memory_order_relaxed);
        if (is_news(open, seen)) {
            return open;
        }
        rest();
    }
    pthread_mutex_lock(&pool.mutex);
    atomic_fetch_add(&pool.sleeping, 1);
    while (!is_news(open = atomic_load(&pool.open), seen)) {
        pthread_cond_wait(&pool.opened, &pool.mutex);
    }
    atomic_fetch_sub(&pool.sleeping, 1);
    pthread_mutex_unlock(&pool.mutex);
    return open;
}

static void *run_worker(void *number) {
    int worker = (int)(intptr_t)number;
    unsigned seen = 0;
    for (;;) {
        seen = wait_for_region(seen);
        atomic_fetch_add(&pool.inside, 1);
        if (atomic_load(&pool.open) == seen && worker < pool.threads) {
            take_tasks(worker);
        }
        atomic_fetch_sub(&pool.inside, 1);
    }
    return NULL;
}

/* Signals stay with the threads of the process that we are in. */
static void start_workers(int threads) {
    sigset_t all, before;
    sigfillset(&all);
    /* But not those of our own faults: the process's handler tells of them. */
    sigdelset(&all, SIGSEGV);
    sigdelset(&all, SIGBUS);
    sigdelset(&all, SIGFPE);
    sigdelset(&all, SIGILL);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (pool.started < threads - 1) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, run_worker, (void *)(intptr_t)(pool.started + 1)) != 0) {
            break;
        }
        pthread_detach(thread);
        pool.started++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void open_region(int threads, int tasks, hr_work work, void *context) {
    pool.threads = threads;
    pool.tasks = tasks;
    pool.work = work;
    pool.context = context;
    atomic_store(&pool.next, 0);
    pool.regions = pool.regions + 1 == 0 ? 1 : pool.regions + 1;
    atomic_store(&pool.open, pool.regions);
    if (atomic_load(&pool.sleeping) > 0) {
        pthread_mutex_lock(&pool.mutex);
        pthread_cond_broadcast(&pool.opened);
        pthread_mutex_unlock(&pool.mutex);
    }
}

static void close_region(void) {
    atomic_store(&pool.open, 0);
    for (int i = 0; atomic_load(&pool.inside) > 0; i++) {
        if (i < SPINS_BEFORE_YIELD) {
            rest();
        } else {
            sched_yield();
        }
    }
}

void hr_pool_run(int threads, int tasks, hr_work work, void *context) {
    int free_pool = 0;
    if (threads < 2 || tasks < 2 || !atomic_compare_exchange_strong(&pool.busy, &free_pool, 1)) {
        for (int task = 0; task < tasks; task++) {
            work(context, task, 0);
        }
        return;
    }
    threads = threads < HR_MOST_THREADS ? threads : HR_MOST_THREADS;
    start_workers(threads);
    open_region(threads, tasks, work, context);
    take_tasks(0);
    close_region();
    atomic_store(&pool.busy, 0);
}
