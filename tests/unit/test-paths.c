/*
 * test-paths.c - shows where the system's libvirt and a session's are looked
 * for, whatever the environment says or leaves out.
 */
#include "support.h"

#include "../../verify/paths.h"

static int
clear_session(void **state)
{
    (void)state;
    session_clear();
    return 0;
}

static int
restore_session(void **state)
{
    (void)state;
    session_restore();
    return 0;
}

static void
assert_path(const char *path, const char *expected, const char *of)
{
    if (!path != !expected || (path && strcmp(path, expected)))
        print_error("of case: %s\n", of);
    if (expected) {
        assert_non_null(path);
        assert_string_equal(path, expected);
    } else {
        assert_null(path);
    }
}

/* The environment is the session's; the system's paths are fixed. */
static void
test_system(void **state)
{
    struct paths paths;

    (void)state;
    for (size_t i = 0; i < LENGTH(session_names); i++)
        session_put(session_names[i], "/elsewhere");
    paths_system(&paths, KIND_SNAPSHOT);
    assert_string_equal(paths.base, "/var/lib/libvirt/qemu/snapshot");
    assert_string_equal(paths.definitions, "/etc/libvirt/qemu");
    assert_string_equal(paths.run, "/run/libvirt/qemu");
    assert_string_equal(paths.daemons, "/run");
    paths_free(&paths);
    paths_system(&paths, KIND_CHECKPOINT);
    assert_string_equal(paths.base, "/var/lib/libvirt/qemu/checkpoint");
    assert_string_equal(paths.definitions, "/etc/libvirt/qemu");
    paths_free(&paths);
}

/* The environment of a session, and what comes of it; NULL: unset, none. */
struct session_case {
    const char *what;
    const char *config;
    const char *runtime;
    const char *cache;
    const char *home;
    const char *definitions;
    const char *daemons;
};

static const struct session_case session_cases[] = {
    {"nothing", NULL, NULL, NULL, NULL, NULL, NULL},
    {"home only", NULL, NULL, NULL, "/h", "/h/.config/libvirt/qemu",
     "/h/.cache/libvirt"},
    {"a usual one", NULL, "/run/user/1", NULL, "/h", "/h/.config/libvirt/qemu",
     "/run/user/1/libvirt"},
    {"all", "/c", "/r", "/k", "/h", "/c/libvirt/qemu", "/r/libvirt"},
    {"no home", "/c", "/r", NULL, NULL, "/c/libvirt/qemu", "/r/libvirt"},
    {"config only", "/c", NULL, NULL, NULL, "/c/libvirt/qemu", NULL},
    {"runtime only", NULL, "/r", NULL, NULL, NULL, "/r/libvirt"},
    {"cache only", NULL, NULL, "/k", NULL, NULL, "/k/libvirt"},
    {"runtime before cache", NULL, "/r", "/k", NULL, NULL, "/r/libvirt"},
    {"cache before home", NULL, NULL, "/k", "/h", "/h/.config/libvirt/qemu",
     "/k/libvirt"},
    /* The XDG specification: what is empty or relative counts as unset. */
    {"empty", "", "", "", "/h", "/h/.config/libvirt/qemu", "/h/.cache/libvirt"},
    {"relative", "c", "./r", "../k", "/h", "/h/.config/libvirt/qemu",
     "/h/.cache/libvirt"},
    {"a relative home", NULL, NULL, NULL, "h", NULL, NULL},
    {"an empty home", "/c", NULL, NULL, "", "/c/libvirt/qemu", NULL},
    {"not expanded", "~/c", "$HOME", NULL, "/h", "/h/.config/libvirt/qemu",
     "/h/.cache/libvirt"},
    {"the root directory", "/", "/", NULL, NULL, "//libvirt/qemu", "//libvirt"},
    {"a format", "/%s%n", "/%d", NULL, NULL, "/%s%n/libvirt/qemu",
     "/%d/libvirt"},
};

static void
test_session(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(session_cases); i++) {
        const struct session_case *one = &session_cases[i];
        cleanup(free_ptr) char *base =
            one->definitions ? xasprintf("%s/snapshot", one->definitions)
                             : NULL;
        cleanup(free_ptr) char *run =
            one->daemons ? xasprintf("%s/qemu/run", one->daemons) : NULL;
        struct paths paths;

        session_put("XDG_CONFIG_HOME", one->config);
        session_put("XDG_RUNTIME_DIR", one->runtime);
        session_put("XDG_CACHE_HOME", one->cache);
        session_put("HOME", one->home);
        /* Whatever is in it before does not matter. */
        memset(&paths, 0xff, sizeof(paths));
        paths_session(&paths, KIND_SNAPSHOT);
        assert_path(paths.definitions, one->definitions, one->what);
        assert_path(paths.base, base, one->what);
        assert_path(paths.daemons, one->daemons, one->what);
        assert_path(paths.run, run, one->what);
        paths_free(&paths);
    }
}

/* Nothing is left of it, and it may be released again. */
static void
test_release(void **state)
{
    struct paths paths;

    (void)state;
    paths_system(&paths, KIND_SNAPSHOT);
    for (int round = 0; round < 2; round++) {
        paths_free(&paths);
        assert_null(paths.base);
        assert_null(paths.definitions);
        assert_null(paths.run);
        assert_null(paths.daemons);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_system, clear_session,
                                        restore_session),
        cmocka_unit_test_setup_teardown(test_session, clear_session,
                                        restore_session),
        cmocka_unit_test(test_release),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
