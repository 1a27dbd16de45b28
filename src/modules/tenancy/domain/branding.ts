import type { Branding } from '../contract';

/** As it is shown and kept by the audit trail. */
export function shownBranding(branding: Branding) {
  return {
    display_name: branding.displayName,
    logo_url: branding.logoUrl,
    primary_color: branding.primaryColor,
    support_email: branding.supportEmail,
    support_url: branding.supportUrl,
  };
}
