<?php
/**
 * Plugin Name: tagbridge
 * Description: Writes the visit's ids and consent onto each order.
 */
defined( 'ABSPATH' ) || exit;

// The visit script of your bridge, such as https://hooks.acme.example/t/acme.js; leave it empty for none.
const TAGBRIDGE_VISITS = '';

function tagbridge_visits() {
	if ( TAGBRIDGE_VISITS !== '' ) {
		wp_enqueue_script( 'tagbridge', TAGBRIDGE_VISITS, array(), null, array( 'strategy' => 'async' ) );
	}
}
add_action( 'wp_enqueue_scripts', 'tagbridge_visits' );

function tagbridge_tell_order( $order_id ) {
	if ( TAGBRIDGE_VISITS !== '' ) {
		printf(
			"<script>(window.tagbridge = window.tagbridge || function () { (tagbridge.q = tagbridge.q || []).push(arguments); })('order', '%d');</script>",
			(int) $order_id
		);
	}
}
add_action( 'woocommerce_thankyou', 'tagbridge_tell_order' );

function tagbridge_write_visit( $order ) {
	foreach ( $_COOKIE as $name => $value ) {
		if ( is_string( $value ) && preg_match( '/^(_tb|_ga|_ga_[A-Z0-9]+|_fbp|_fbc|_gcl_aw|_ttp|_epik)$/', $name ) ) {
			$order->update_meta_data( $name, sanitize_text_field( wp_unslash( $value ) ) );
		}
	}
	if ( function_exists( 'wp_has_consent' ) ) { // the WP Consent API, which consent plugins speak
		$ads       = wp_has_consent( 'marketing' ) ? 'granted' : 'denied';
		$analytics = wp_has_consent( 'statistics' ) ? 'granted' : 'denied';
		foreach ( array( 'ad_storage', 'ad_user_data', 'ad_personalization' ) as $name ) {
			$order->update_meta_data( 'consent_' . $name, $ads );
		}
		$order->update_meta_data( 'consent_analytics_storage', $analytics );
	}
}
add_action( 'woocommerce_checkout_create_order', 'tagbridge_write_visit' );                     // classic checkout
add_action( 'woocommerce_store_api_checkout_update_order_from_request', 'tagbridge_write_visit' ); // block checkout

// The page behind a link to pay, for orders that were typed in by staff: then it is the buyer's browser that asks.
function tagbridge_write_payer( $order ) {
	$known = $order->get_meta( '_tb' ) . $order->get_meta( '_ga' ) . $order->get_meta( '_fbp' );
	if ( $known === '' && ! current_user_can( 'edit_shop_orders' ) ) {
		tagbridge_write_visit( $order );
		$order->save();
	}
}
add_action( 'woocommerce_before_pay_action', 'tagbridge_write_payer' );
