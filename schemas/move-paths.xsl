<?xml version="1.0" encoding="UTF-8"?>
<!--
  move-paths.xsl - an example for virt-snapshot-migrate -transform=FILE (with two
  hyphens): the disks and memory images of a machine lie in another directory,
  on another host, say. Copy it, write your directories into the two variables,
  and convert with it:

      virt-snapshot-migrate ... transform=my-paths.xsl output-dir=DIR BASEDIR

  It changes attributes that name a file or a directory, in the snapshot itself
  and in the domain that it holds, and nothing else: what is not changed comes
  out byte for byte.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:variable name="from" select="'/var/lib/libvirt/images/'"/>
  <xsl:variable name="to" select="'/srv/guests/'"/>

  <!-- All stays as it is ... -->
  <xsl:template match="@* | node()">
    <xsl:copy>
      <xsl:apply-templates select="@* | node()"/>
    </xsl:copy>
  </xsl:template>

  <!-- ... but for the paths of disks and of what backs them, ... -->
  <xsl:template match="source/@file | source/@dir | memory/@file">
    <xsl:attribute name="{name()}">
      <xsl:call-template name="move"/>
    </xsl:attribute>
  </xsl:template>

  <!-- ... and for the firmware's variables, whose path is a text. -->
  <xsl:template match="os/nvram/text()">
    <xsl:call-template name="move"/>
  </xsl:template>

  <xsl:template name="move">
    <xsl:choose>
      <xsl:when test="starts-with(., $from)">
        <xsl:value-of select="concat($to, substring-after(., $from))"/>
      </xsl:when>
      <xsl:otherwise>
        <xsl:value-of select="."/>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>
</xsl:stylesheet>
