import { InvalidOnboardingAddress } from './errors';
import { onboardingAddress } from './onboarding-address';

describe('where people come back to from Stripe', () => {
  it.each([
    ['https://example.com/done?recipient=7#top', false],
    ['https://example.com', true],
    ['http://localhost:3000/done', true],
    ['http://127.0.0.1/done', true],
    ['http://[::1]:3000/', true],
    [`https://example.com/${'a'.repeat(1_980)}`, false],
  ])('may be %s', (text, mayBeLocal) => {
    expect(onboardingAddress('return_url', text, mayBeLocal)).toBe(text);
  });

  it.each([
    ['http://localhost:3000/done', false],
    ['http://example.com/done', true],
    ['http://localhost.example.com/', true],
    ['https://ann:secret@example.com/', false],
    ['javascript:alert(1)', true],
    ['ftp://localhost/', true],
    ['https://example.com/a b', false],
    ['https://', false],
    ['/done', false],
    ['', false],
    [`https://example.com/${'a'.repeat(1_981)}`, false],
  ])('may not be %s', (text, mayBeLocal) => {
    expect(() => onboardingAddress('return_url', text, mayBeLocal)).toThrow(InvalidOnboardingAddress);
  });
});
