"""What tests of several packages share: servers, proxies, processes."""
