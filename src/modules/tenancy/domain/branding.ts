import type { Branding } from '../contract';

/** As the API and the audit log show it. */
export function shownBranding(branding: Branding) {
  return {
    display_name: branding.displayName,
    logo_url: branding.logoUrl,
    primary_color: branding.primaryColor,
    support_email: branding.supportEmail,
    support_url: branding.supportUrl,
  };
}
