/*
 * judge-source.c - see judge.h: the <source> of a disk, in <disks> as in a
 * <domain>. Source: virDomainStorageSourceParse() of libvirt 9.0.0 and what it
 * calls.
 */
#include "judge.h"

#include <string.h>

#include "cleanup.h"
#include "memory.h"
#include "parse.h"

static xmlChar *
attribute(const xmlNode *node, const char *name)
{
    return xmlGetProp(node, (const xmlChar *)name);
}

static bool
is(const xmlChar *text, const char *word)
{
    return text && !strcmp((const char *)text, word);
}

/* virDomainStorageNetworkParseHost(); NULL: nothing is wrong. */
static char *
host_wrong(const xmlNode *host, bool *certain)
{
    cleanup(parse_free_text) xmlChar *transport = attribute(host, "transport");
    cleanup(parse_free_text) xmlChar *socket = attribute(host, "socket");
    cleanup(parse_free_text) xmlChar *name = attribute(host, "name");
    cleanup(parse_free_text) xmlChar *port = attribute(host, "port");
    bool local = is(transport, "unix");
    long long number;

    if (transport && !local && !is(transport, "tcp") &&
        !is(transport, "rdma")) {
        *certain = false;
        return xasprintf(
            "found transport='%.80s' of <host>, expected tcp, unix "
            "or rdma",
            (const char *)transport);
    }
    if (local)
        return socket ? NULL
                      : xstrdup("found no socket= of <host> with "
                                "transport='unix'");
    if (socket)
        return xstrdup("found socket= of <host> without transport='unix'");
    if (!name)
        return xstrdup("found no name= of <host>");
    if (port && (!judge_integer((const char *)port, &number) || number < 0 ||
                 number > 65535)) {
        *certain = false;
        return xasprintf("found port='%.80s' of <host>, expected 0 to 65535",
                         (const char *)port);
    }
    return NULL;
}

/* virDomainDiskSourceNetworkParse(). */
static char *
network_wrong(const xmlNode *source, const xmlNode **at, bool *certain)
{
    static const char *const known[] = {
        "none", "nbd",  "rbd",  "sheepdog", "gluster", "iscsi", "http", "https",
        "ftp",  "ftps", "tftp", "ssh",      "vxhs",    "nfs",   NULL};
    cleanup(parse_free_text) xmlChar *protocol = attribute(source, "protocol");
    cleanup(parse_free_text) xmlChar *name = attribute(source, "name");
    cleanup(parse_free_text) xmlChar *tls = attribute(source, "tls");
    const xmlNode *host = NULL;
    const char *slash = name ? strchr((const char *)name, '/') : NULL;

    if (!protocol)
        return xstrdup("found no protocol= of a network disk");
    if (!name && !is(protocol, "nbd"))
        return xstrdup("found no name= of a network disk");
    while ((host = parse_child(source, "host", host))) {
        char *wrong = host_wrong(host, certain);

        if (wrong) {
            *at = host;
            return wrong;
        }
    }
    *certain = false;
    if (!judge_one_of(protocol, known))
        return xasprintf("found protocol='%.80s', not known here",
                         (const char *)protocol);
    if (tls && !is(tls, "yes") && !is(tls, "no"))
        return xasprintf("found tls='%.80s', expected yes or no",
                         (const char *)tls);
    if ((is(protocol, "rbd") || is(protocol, "gluster")) && name &&
        (!slash || slash == (const char *)name))
        return xasprintf("found name='%.80s', expected a pool or volume and an "
                         "image with '/' between them",
                         (const char *)name);
    return NULL;
}

/* virDomainDiskSourceNVMeParse(). */
static char *
nvme_wrong(const xmlNode *source, bool *certain)
{
    cleanup(parse_free_text) xmlChar *type = attribute(source, "type");
    cleanup(parse_free_text) xmlChar *space = attribute(source, "namespace");
    cleanup(parse_free_text) xmlChar *managed = attribute(source, "managed");
    long long number;

    if (!is(type, "pci"))
        return xstrdup("found no type='pci' of an nvme disk");
    if (!space || !judge_integer((const char *)space, &number))
        return xstrdup("found no number in namespace= of an nvme disk");
    if (!parse_child(source, "address", NULL))
        return xstrdup("found no <address> of an nvme disk");
    *certain = false;
    if (managed && !is(managed, "yes") && !is(managed, "no"))
        return xasprintf("found managed='%.80s', expected yes or no",
                         (const char *)managed);
    return NULL;
}

/* virDomainDiskSourceVHostUserParse(). */
static char *
vhostuser_wrong(const xmlNode *source)
{
    cleanup(parse_free_text) xmlChar *type = attribute(source, "type");
    cleanup(parse_free_text) xmlChar *path = attribute(source, "path");

    if (!is(type, "unix"))
        return xstrdup("found no type='unix' of a vhostuser disk");
    if (!path)
        return xstrdup("found no path= of a vhostuser disk");
    return NULL;
}

char *
judge_source(const xmlNode *disk, const xmlChar *type, const xmlNode **at,
             bool *certain)
{
    const xmlNode *source = parse_child(disk, "source", NULL);

    *certain = true;
    if (is(type, "vhostvdpa")) {
        *certain = false;
        return xstrdup("found type='vhostvdpa', not known to libvirt 9.0");
    }
    if (!source)
        return NULL;
    *at = source;
    if (is(type, "network"))
        return network_wrong(source, at, certain);
    if (is(type, "nvme"))
        return nvme_wrong(source, certain);
    if (is(type, "vhostuser"))
        return vhostuser_wrong(source);
    return NULL;
}
