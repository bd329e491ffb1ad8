<?php
declare(strict_types=1);

namespace Tagbridge\Visit\Observer;

use Magento\Framework\App\Area;
use Magento\Framework\App\State;
use Magento\Framework\Event\Observer;
use Magento\Framework\Event\ObserverInterface;
use Magento\Framework\Exception\LocalizedException;

/** Writes the visit's ids and consent into columns of each order, from the cookies of the buyer's browser. */
class WriteVisit implements ObserverInterface
{
    private const COOKIES = ['_ga' => 'ga_client_id', '_fbp' => 'fbp', '_fbc' => 'fbc', '_ttp' => 'ttp'];
    private const CLICK = '/^(?:GCL\.\d+\.|\d\.\d\.(?:[^$]*\$)*k)([\w-]+)/';
    private const VISIT = [
        'gclid', 'gbraid', 'wbraid', 'dclid', 'fbclid', 'ttclid', 'msclkid', 'li_fat_id',
        'utm_source', 'utm_medium', 'utm_campaign', 'utm_term', 'utm_content', 'utm_id',
        'consent_ad_storage', 'consent_analytics_storage', 'consent_ad_user_data', 'consent_ad_personalization',
    ];

    public function __construct(private readonly State $state)
    {
    }

    public function execute(Observer $observer): void
    {
        $order = $observer->getEvent()->getData('order');
        if ($order === null || $this->isStaff()) {
            return;
        }
        foreach ($this->visit() as $column => $value) {
            $order->setData($column, $value);
        }
    }

    /** Orders that staff type in must not get the staff's own cookies. */
    private function isStaff(): bool
    {
        try {
            return $this->state->getAreaCode() === Area::AREA_ADMINHTML;
        } catch (LocalizedException $e) {
            return true; // no area: a program, not a browser
        }
    }

    /** @return array<string, string> */
    private function visit(): array
    {
        $found = [];
        foreach ($_COOKIE as $name => $value) { // phpcs:ignore Magento2.Security.Superglobal
            $name = (string) $name;
            $isSession = preg_match('/^_ga_[A-Z0-9]+$/', $name) === 1;
            $column = self::COOKIES[$name] ?? ($isSession ? 'ga_session_id' : null);
            if ($column !== null && is_string($value) && !isset($found[$column])) {
                $found[$column] = $this->clean($value);
            }
            if ($name === '_gcl_aw' && is_string($value) && preg_match(self::CLICK, $value, $click) === 1) {
                $found['gclid'] = $click[1];
            }
        }
        // Written by js/visit.js: the click ids of the landing page and what the consent banner said.
        $kept = json_decode((string) ($_COOKIE['tagbridge_visit'] ?? ''), true); // phpcs:ignore Magento2.Security.Superglobal
        foreach (self::VISIT as $column) {
            if (is_array($kept) && is_string($kept[$column] ?? null)) {
                $found[$column] = $this->clean($kept[$column]);
            }
        }
        return $found;
    }

    private function clean(string $value): string
    {
        return substr((string) preg_replace('/[^\x20-\x7E]/', '', $value), 0, 500);
    }
}
