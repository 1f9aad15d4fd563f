// SPDX-License-Identifier: BSD-3-Clause
/*
 * A kext bundle's folder and Info.plist: what libkern/c++/OSKext.cpp (initWithIdentifier..,
 * setInfoDictionaryAndPath, getPropertyForHostArch) wants of it. Keys may have a form for this architecture
 * ("OSBundleLibraries_x86_64"), which then counts instead.
 */
#include "internal.h"
#include <errno.h>
#include <fcntl.h>
#include <plist/plist.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_PLIST = 16 << 20 };

static char *join(const char *a, const char *b)
{
    char *s = NULL;
    return asprintf(&s, "%s/%s", a, b) < 0 ? NULL : s;
}

static bool is_file(const char *path)
{
    struct stat st;
    return path && !stat(path, &st) && S_ISREG(st.st_mode);
}

static bool is_folder(const char *path)
{
    struct stat st;
    return path && !stat(path, &st) && S_ISDIR(st.st_mode);
}

/* Contents/Info.plist, or a flat bundle's Info.plist. */
static char *find_plist(const char *bundle)
{
    char *deep = join(bundle, "Contents/Info.plist"), *flat = join(bundle, "Info.plist");
    if (!is_folder(bundle)) {
        kext_fail("%s: no such bundle: --kext takes the folder NAME.kext", bundle);
    } else if (is_file(deep)) {
        free(flat);
        return deep;
    } else if (is_file(flat)) {
        free(deep);
        return flat;
    } else {
        kext_fail("%s: no Contents/Info.plist in it: not a kext bundle", bundle);
    }
    free(deep);
    free(flat);
    return NULL;
}

/* The whole file, zero-terminated; NULL with the error set. */
static char *slurp(const char *path, size_t *size)
{
    struct stat st;
    char *text = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st))
        kext_fail("%s: %s", path, strerror(errno));
    else if (!S_ISREG(st.st_mode) || st.st_size > MAX_PLIST)
        kext_fail("%s: too large to be a property list", path);
    else if (!(text = calloc(1, (size_t)st.st_size + 1)) ||
             read(fd, text, (size_t)st.st_size) != st.st_size) {
        kext_fail("%s: cannot be read", path);
        free(text);
        text = NULL;
    } else
        *size = (size_t)st.st_size;
    if (fd >= 0)
        close(fd);
    return text;
}

static plist_t parse_plist(const char *path)
{
    size_t size = 0;
    plist_t plist = NULL;
    char *text = slurp(path, &size);
    if (!text)
        return NULL;
    plist_from_memory(text, (uint32_t)size, &plist);
    free(text);
    if (plist && plist_get_node_type(plist) == PLIST_DICT)
        return plist;
    kext_fail(
        "%s: does not parse as a property list with a dictionary: check it (plistutil -i, plutil -lint)",
        path);
    if (plist)
        plist_free(plist);
    return NULL;
}

static plist_t value_of(plist_t dict, const char *key)
{
    char here[128];
    snprintf(here, sizeof here, "%s_" KEXT_ARCH, key);
    plist_t node = plist_dict_get_item(dict, here);
    return node ? node : plist_dict_get_item(dict, key);
}

/* A string's copy; NULL when absent or of another type. */
static char *string_of(plist_t node)
{
    char *s = NULL, *copy;
    if (!node || plist_get_node_type(node) != PLIST_STRING)
        return NULL;
    plist_get_string_val(node, &s);
    copy = s ? strdup(s) : NULL;
    free(s);
    return copy;
}

static int read_identity(struct kext *k, plist_t dict, const char *path)
{
    k->identifier = string_of(value_of(dict, "CFBundleIdentifier"));
    if (!k->identifier || !*k->identifier)
        return kext_fail(
            "%s: no CFBundleIdentifier string: add the bundle's name, such as org.example.driver", path);
    if (strlen(k->identifier) >= KMOD_MAX_NAME)
        return kext_fail("%s: CFBundleIdentifier %s is longer than %d bytes", path, k->identifier,
                         KMOD_MAX_NAME - 1);
    k->version_text = string_of(value_of(dict, "CFBundleVersion"));
    k->version = version_parse(k->version_text);
    if (k->version < 0 || strlen(k->version_text) >= KMOD_MAX_NAME)
        return kext_fail("%s: CFBundleVersion %s%s: write it as 1.2.3 (or 1.2.3b4)", path,
                         k->version_text ? "is no kext version: " : "is missing",
                         k->version_text ? k->version_text : "");
    k->compatible = -1;
    if (!value_of(dict, "OSBundleCompatibleVersion"))
        return 0;
    k->compatible_text = string_of(value_of(dict, "OSBundleCompatibleVersion"));
    k->compatible = version_parse(k->compatible_text);
    if (k->compatible < 0)
        return kext_fail("%s: OSBundleCompatibleVersion is no kext version: write it as 1.2.3", path);
    if (k->compatible > k->version)
        return kext_fail("%s: OSBundleCompatibleVersion %s is later than CFBundleVersion %s", path,
                         k->compatible_text, k->version_text);
    return 0;
}

static int add_wanted(struct kext *k, char *identifier, plist_t version, const char *path)
{
    struct wanted *w = &k->wanted[k->nwanted];
    w->identifier = strdup(identifier);
    w->version = string_of(version);
    k->nwanted++;
    if (version_parse(w->version) < 0)
        return kext_fail("%s: OSBundleLibraries asks for %s in a version that is none: write it as 1.2.3",
                         path, identifier);
    return 0;
}

static int read_libraries(struct kext *k, plist_t dict, const char *path)
{
    plist_t libraries = value_of(dict, "OSBundleLibraries"), version;
    plist_dict_iter it = NULL;
    char *key;
    int r = 0;
    if (!libraries || plist_get_node_type(libraries) != PLIST_DICT || !plist_dict_get_size(libraries))
        return kext_fail(
            "%s: no OSBundleLibraries: add the com.apple.kpi.* libraries and kexts it links against", path);
    k->wanted = calloc(plist_dict_get_size(libraries), sizeof *k->wanted);
    plist_dict_new_iter(libraries, &it);
    for (;;) {
        key = NULL;
        plist_dict_next_item(libraries, it, &key, &version);
        if (!key)
            break;
        r = r ? r : add_wanted(k, key, version, path);
        free(key);
    }
    free(it);
    return r;
}

static int read_personalities(struct kext *k, plist_t dict, const char *path)
{
    plist_t p = value_of(dict, "IOKitPersonalities");
    uint32_t size = 0;
    char *xml = NULL;
    if (!p)
        return 0;
    if (plist_get_node_type(p) != PLIST_DICT)
        return kext_fail("%s: IOKitPersonalities is not a dictionary of personalities", path);
    if (!plist_dict_get_size(p))
        return 0;
    plist_to_xml(p, &xml, &size);
    k->personalities = xml ? strndup(xml, size) : NULL;
    free(xml);
    return k->personalities ? 0 : kext_fail("%s: IOKitPersonalities cannot be written as XML", path);
}

/* Contents/MacOS/NAME, or NAME at the top of a flat bundle. */
static int find_executable(struct kext *k, plist_t dict, const char *plist_path)
{
    char *folder = strdup(plist_path);
    if (!value_of(dict, "CFBundleExecutable")) {
        free(folder);
        return 0; /* a kext without code: personalities or libraries only */
    }
    k->executable = string_of(value_of(dict, "CFBundleExecutable"));
    if (!k->executable || !*k->executable || strchr(k->executable, '/')) {
        free(folder);
        return kext_fail("%s: CFBundleExecutable is not the name of a file", plist_path);
    }
    *strrchr(folder, '/') = 0;
    bool flat = strlen(folder) == strlen(k->path);
    if (asprintf(&k->executable_path, flat ? "%s/%s" : "%s/MacOS/%s", folder, k->executable) < 0)
        k->executable_path = NULL;
    free(folder);
    if (is_file(k->executable_path))
        return 0;
    return kext_fail(
        "%s: missing, though CFBundleExecutable in Info.plist names it: build the kext, or copy the bundle "
        "whole",
        k->executable_path);
}

static int read_plist(struct kext *k, const char *path)
{
    plist_t dict = parse_plist(path);
    if (!dict)
        return -1;
    int r = read_identity(k, dict, path);
    if (!r)
        r = read_libraries(k, dict, path);
    if (!r)
        r = read_personalities(k, dict, path);
    if (!r)
        r = find_executable(k, dict, path);
    plist_free(dict);
    return r;
}

int bundle_read(struct kext *k, const char *path)
{
    size_t n = strlen(path);
    char *plist;
    memset(k, 0, sizeof *k);
    k->path = strdup(path);
    while (n > 1 && k->path[n - 1] == '/')
        k->path[--n] = 0;
    plist = find_plist(k->path);
    int r = plist ? read_plist(k, plist) : -1;
    free(plist);
    if (!r && k->executable)
        r = image_read(&k->image, k->executable_path);
    if (r)
        bundle_free(k);
    return r;
}

void bundle_free(struct kext *k)
{
    for (unsigned i = 0; i < k->nwanted; i++) {
        free(k->wanted[i].identifier);
        free(k->wanted[i].version);
    }
    free(k->wanted);
    free(k->libraries);
    free(k->dependencies);
    free(k->personalities);
    free(k->path);
    free(k->identifier);
    free(k->version_text);
    free(k->compatible_text);
    free(k->executable);
    free(k->executable_path);
    image_free(&k->image);
    memset(k, 0, sizeof *k);
}
