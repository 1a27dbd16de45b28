/** Whose obligation a transfer of this module pays. */
export const PAYOUT_ORIGIN = 'payout';
