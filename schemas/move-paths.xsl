<?xml version="1.0" encoding="UTF-8"?>
<!--
  move-paths.xsl - an example for virt-snapshot-migrate -transform=FILE (with two
  hyphens): the disks and memory images of a machine lie in another directory,
  on another host, say. Copy it, and write your directories into the two
  variables, each with the slash at its end.

  In each snapshot, and in the domain that it holds, every attribute that begins
  with the one directory begins with the other then: disks and what backs them,
  memory images, sockets, logs, templates. So do the texts of the elements that
  are paths: firmware and its variables, kernel, initrd, device tree, emulator.
  Other texts, and metadata of other programs, stay as they are; look for the
  old directory in the result (grep -r), if you expect it there.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:variable name="from" select="'/var/lib/libvirt/images/'"/>
  <xsl:variable name="to" select="'/srv/guests/'"/>

  <!-- All stays as it is ... -->
  <xsl:template match="node()">
    <xsl:copy>
      <xsl:apply-templates select="@* | node()"/>
    </xsl:copy>
  </xsl:template>

  <!-- ... but for paths. -->
  <xsl:template match="@*">
    <xsl:choose>
      <xsl:when test="starts-with(., $from) and not(ancestor::metadata)">
        <xsl:attribute name="{name()}">
          <xsl:value-of select="concat($to, substring-after(., $from))"/>
        </xsl:attribute>
      </xsl:when>
      <xsl:otherwise>
        <xsl:copy/>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template match="loader/text() | nvram/text() | kernel/text()
      | initrd/text() | dtb/text() | emulator/text()">
    <xsl:choose>
      <xsl:when test="starts-with(., $from)">
        <xsl:value-of select="concat($to, substring-after(., $from))"/>
      </xsl:when>
      <xsl:otherwise>
        <xsl:copy/>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>
</xsl:stylesheet>
